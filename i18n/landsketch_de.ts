<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>LandSketch</name>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>Assess a map</source>
        <translation>Karte bewerten</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>Tells how accurate a land-cover map is: compares it with reference data and reports the accuracy per class.</source>
        <translation>Sagt, wie genau eine Landbedeckungskarte ist: vergleicht sie mit Referenzdaten und nennt die Genauigkeit je Klasse.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>&lt;p&gt;Use reference data that the classifier has not been trained with, else the accuracy looks better than it is. Pixels without a class in the map or in the reference are left out.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Verwenden Sie Referenzdaten, mit denen der Klassifikator nicht trainiert wurde; sonst sieht die Genauigkeit besser aus, als sie ist. Pixel, die in der Karte oder in der Referenz keine Klasse haben, bleiben außer Betracht.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Class map</source>
        <translation>Klassenkarte</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>The land-cover map: a raster with one class value per pixel.</source>
        <translation>Die Landbedeckungskarte: ein Raster mit einem Klassenwert je Pixel.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>What is true: a raster with the same class values as the map, or a layer with points, lines or polygons.</source>
        <translation>Was wahr ist: ein Raster mit denselben Klassenwerten wie die Karte oder ein Layer mit Punkten, Linien oder Polygonen.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <location filename="../algorithms/where.py"/>
        <source>Only inside these polygons</source>
        <translation>Nur innerhalb dieser Polygone</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>Polygons outside which nothing is compared. Empty: everywhere.</source>
        <translation>Polygone, außerhalb derer nichts verglichen wird. Leer: überall.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Accuracy as JSON</source>
        <translation>Genauigkeit als JSON</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <location filename="../algorithms/cluster.py"/>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>JSON file</source>
        <translation>JSON-Datei</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>The confusion matrix and all figures, for other programs.</source>
        <translation>Die Konfusionsmatrix und alle Kennzahlen, für andere Programme.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>Accuracy report</source>
        <translation>Genauigkeitsbericht</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <location filename="../algorithms/checkpoint_info.py"/>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/learning.py"/>
        <source>HTML page</source>
        <translation>HTML-Seite</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>The confusion matrix and all figures, as a page to read.</source>
        <translation>Die Konfusionsmatrix und alle Kennzahlen, als Seite zum Lesen.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>No output was asked for.</source>
        <translation>Es wurde keine Ausgabe verlangt.</translation>
    </message>
    <message>
        <location filename="../algorithms/assess.py"/>
        <source>Choose where to write the report, the JSON file, or both.</source>
        <translation>Wählen, wohin der Bericht, die JSON-Datei oder beide geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <source>Land cover</source>
        <translation>Landbedeckung</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>'{title}' is missing.</source>
        <translation>„{title}“ fehlt.</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <source>Choose one.</source>
        <translation>Bitte angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <source>Set-up</source>
        <translation>Einrichtung</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <source>Encoders and checkpoints</source>
        <translation>Encoder und Checkpoints</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <source>{title} is '{value}'.</source>
        <translation>{title} ist „{value}“.</translation>
    </message>
    <message>
        <location filename="../algorithms/base.py"/>
        <source>Expected one of {options}.</source>
        <translation>Erwartet wird eines von: {options}.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <location filename="../algorithms/composite.py"/>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/stacks.py"/>
        <source>Time stacks</source>
        <translation>Zeitstapel</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Build a time stack</source>
        <translation>Zeitstapel zusammenstellen</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Puts images of many dates together as one input: what each shows, when, and where clouds hide it.</source>
        <translation>Fasst Bilder vieler Termine zu einer Eingabe zusammen: was jedes zeigt, wann, und wo Wolken es verdecken.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>&lt;p&gt;Dates, sensors and bands are read from the names of files and folders (Sentinel-1 and -2 products, Landsat, HLS, FORCE, Planet, and dates such as 20200514, 2020-05-14 or 2020135), then from their tags. Files are taken as they are; the time stack only tells where they lie, relative to itself, so that it can move together with them. Files with one band each become one image.&lt;/p&gt;&lt;p&gt;The log tells what was found, and names what looks wrong: files that cannot be read or have no date, days that come twice, gaps, different sensors and grids, and images without data, which are dropped.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Termine, Sensoren und Kanäle werden aus den Namen von Dateien und Ordnern gelesen (Sentinel-1- und -2-Produkte, Landsat, HLS, FORCE, Planet und Daten wie 20200514, 2020-05-14 oder 2020135), sonst aus ihren Metadaten. Dateien bleiben, wie sie sind; der Zeitstapel hält nur fest, wo sie liegen, und zwar relativ zu sich selbst, sodass er mit ihnen zusammen umziehen kann. Dateien mit je einem Kanal werden zu einem Bild.&lt;/p&gt;&lt;p&gt;Das Protokoll nennt, was gefunden wurde und was falsch aussieht: Dateien, die nicht lesbar sind oder kein Datum haben, doppelte Tage, Lücken, verschiedene Sensoren und Gitter sowie Bilder ohne Daten, die verworfen werden.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <location filename="../algorithms/composite.py"/>
        <location filename="../algorithms/many_scenes.py"/>
        <location filename="../algorithms/prepare_sar.py"/>
        <location filename="../ui/stack_dialog.py"/>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Raster layers or files, optical and radar together, and their cloud masks if they lie elsewhere.</source>
        <translation>Rasterlayer oder -dateien, optische und Radarbilder gemeinsam, und ihre Wolkenmasken, falls diese woanders liegen.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Folder with images</source>
        <translation>Ordner mit Bildern</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>All images in this folder and the folders inside it, also in .SAFE products and zipped ones.</source>
        <translation>Alle Bilder in diesem Ordner und seinen Unterordnern, auch in .SAFE-Produkten und in gezippten.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Time stack to change</source>
        <translation>Zu ändernder Zeitstapel</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>A time stack, or another STAC ItemCollection with files on this machine, whose images are taken, too.</source>
        <translation>Ein Zeitstapel oder eine andere STAC ItemCollection mit Dateien auf diesem Rechner, deren Bilder ebenfalls genommen werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Bands of one file are dates</source>
        <translation>Kanäle einer Datei sind Termine</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Whether files without a date of their own are series: each band an image, of the date in the band's description.</source>
        <translation>Ob Dateien ohne eigenes Datum Zeitreihen sind: jeder Kanal ein Bild, mit dem Datum aus der Beschreibung des Kanals.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Add to the project</source>
        <translation>Zum Projekt hinzufügen</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>With the images as layers, QGIS's temporal controller plays them.</source>
        <translation>Mit den Bildern als Layern spielt die Zeitsteuerung von QGIS sie ab.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <location filename="../algorithms/composite.py"/>
        <location filename="../algorithms/prepare_sar.py"/>
        <location filename="../algorithms/preparing.py"/>
        <location filename="../algorithms/stack_scenes.py"/>
        <location filename="../algorithms/stacks.py"/>
        <location filename="../ui/stack_dialog.py"/>
        <source>Time stack</source>
        <translation>Zeitstapel</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>The time stack, a STAC ItemCollection; best in the folder of the images, to move together with them.</source>
        <translation>Der Zeitstapel, eine STAC ItemCollection; am besten im Ordner der Bilder, um mit ihnen zusammen umzuziehen.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Corrections</source>
        <translation>Korrekturen</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>What is known better than by names, for an image by its name: its date, sensor, units or offset, and whether to drop or to keep it whatever clouds; such as 'july.tif: 2020-07-11, sensor=landsat-8; may.tif: drop'. The button shows the images in a table, to correct there.</source>
        <translation>Was besser bekannt ist, als Namen es sagen, je Bild nach seinem Namen: Datum, Sensor, Einheiten oder Offset, und ob es verworfen oder trotz Wolken behalten wird; etwa „july.tif: 2020-07-11, sensor=landsat-8; may.tif: drop“. Die Schaltfläche zeigt die Bilder in einer Tabelle, um sie dort zu korrigieren.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Cloud masks</source>
        <translation>Wolkenmasken</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>'auto': those beside the images or among their bands (SCL, QA60, QA_PIXEL, Fmask, QAI, UDM2, cloud probability), of the same day and place. 'none': no masks. Else a pattern of file names, such as *_clouds.tif.</source>
        <translation>„auto“: die neben den Bildern oder unter ihren Kanälen (SCL, QA60, QA_PIXEL, Fmask, QAI, UDM2, Wolkenwahrscheinlichkeit), vom selben Tag und Ort. „none“: keine Masken. Sonst ein Muster für Dateinamen, etwa *_clouds.tif.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Drop images that are clear in less than (%)</source>
        <translation>Bilder verwerfen, wenn weniger klar ist als (%)</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Of all pixels of the image; those without data are not clear. Dropped images stay in the file, marked, and are not used. Images that show nothing at all are always dropped.</source>
        <translation>Von allen Pixeln des Bildes; Pixel ohne Daten gelten nicht als klar. Verworfene Bilder bleiben markiert in der Datei und werden nicht benutzt. Bilder, die gar nichts zeigen, werden immer verworfen.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Kind of the masks with that pattern</source>
        <translation>Art der Masken mit diesem Muster</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>'auto': by their names; where these do not tell, all values but 0 hide a pixel ('mask').</source>
        <translation>„auto“: nach ihren Namen; wo diese nichts sagen, verdecken alle Werte außer 0 ein Pixel („mask“).</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <location filename="../algorithms/preparing.py"/>
        <location filename="../algorithms/stacks.py"/>
        <source>'{path}' is not a time stack.</source>
        <translation>„{path}“ ist kein Zeitstapel.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Choose a .json file, and images by the other parameters.</source>
        <translation>Eine .json-Datei wählen und Bilder mit den anderen Parametern angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <location filename="../algorithms/many_scenes.py"/>
        <location filename="../algorithms/prepare_sar.py"/>
        <location filename="../algorithms/scene.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>No image was given.</source>
        <translation>Es wurde kein Bild angegeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/build_stack.py"/>
        <source>Choose images, a folder, or a time stack.</source>
        <translation>Bilder, einen Ordner oder einen Zeitstapel wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>Show a checkpoint</source>
        <translation>Checkpoint zeigen</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>Tells what a checkpoint is, which layers it needs, which classes it knows and how it was made.</source>
        <translation>Sagt, was ein Checkpoint ist, welche Layer er braucht, welche Klassen er kennt und wie er entstanden ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>&lt;p&gt;Only the card of the checkpoint is read, not its weights, so this is instant for any size.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Gelesen wird nur der Steckbrief des Checkpoints, nicht seine Gewichte; das geht bei jeder Größe sofort.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <location filename="../algorithms/classify_scenes.py"/>
        <location filename="../algorithms/export_onnx.py"/>
        <location filename="../algorithms/finetune.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <location filename="../algorithms/import_checkpoint.py"/>
        <location filename="../algorithms/learning.py"/>
        <source>Checkpoint</source>
        <translation>Checkpoint</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>A checkpoint of LandSketch (.safetensors), or a network in ONNX format (.onnx).</source>
        <translation>Ein Checkpoint von LandSketch (.safetensors) oder ein Netz im ONNX-Format (.onnx).</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>Page about the checkpoint</source>
        <translation>Seite über den Checkpoint</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>The page to read; Processing lists it among its results.</source>
        <translation>Die Seite zum Lesen; Processing führt sie unter seinen Ergebnissen auf.</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>What it is</source>
        <translation>Was er ist</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>What it needs</source>
        <translation>Was er braucht</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>Number of classes</source>
        <translation>Anzahl der Klassen</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>'{path}' cannot be written: {reason}.</source>
        <translation>„{path}“ kann nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <location filename="../algorithms/checkpoint_info.py"/>
        <source>Choose a folder that you may write to.</source>
        <translation>Einen Ordner wählen, in den Sie schreiben dürfen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>'{path}' is not a checkpoint.</source>
        <translation>„{path}“ ist kein Checkpoint.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose a .safetensors file of LandSketch, or published weights ({suffixes}).</source>
        <translation>Eine .safetensors-Datei von LandSketch oder veröffentlichte Gewichte ({suffixes}) wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Checkpoint '{path}' has no encoder: it was fine-tuned on embeddings.</source>
        <translation>Checkpoint „{path}“ hat keinen Encoder: Er wurde mit Embeddings feinabgestimmt.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose one whose encoder computes features of images.</source>
        <translation>Einen wählen, dessen Encoder Merkmale von Bildern berechnet.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <location filename="../ui/checkpoints/table.py"/>
        <source>Checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>LandSketch checkpoints</source>
        <translation>LandSketch-Checkpoints</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Published encoders</source>
        <translation>Veröffentlichte Encoder</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>'{path}' is not a file with weights.</source>
        <translation>„{path}“ ist keine Datei mit Gewichten.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose one that ends in {suffixes}.</source>
        <translation>Eine wählen, die auf {suffixes} endet.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>'{path}' is a checkpoint of LandSketch already.</source>
        <translation>„{path}“ ist schon ein Checkpoint von LandSketch.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Use it as it is.</source>
        <translation>Ihn verwenden, wie er ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>'{path}' holds published weights, which do not say what they need.</source>
        <translation>„{path}“ enthält veröffentlichte Gewichte, die nicht sagen, was sie brauchen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Make a checkpoint of it first, with 'Import an encoder'.</source>
        <translation>Zuerst mit „Encoder importieren“ einen Checkpoint daraus machen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Fine-tune it with your labels first, and classify with the checkpoint this makes.</source>
        <translation>Erst mit Ihren Labels feinabstimmen und mit dem Checkpoint klassifizieren, der dabei entsteht.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>'{path}' holds published weights, which know no classes.</source>
        <translation>„{path}“ enthält veröffentlichte Gewichte, die keine Klassen kennen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Checkpoint '{path}' classifies patches, not pixels.</source>
        <translation>Checkpoint „{path}“ klassifiziert Bildausschnitte, nicht Pixel.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Use it with 'Classify patches of an image'.</source>
        <translation>Ihn mit „Bildausschnitte klassifizieren“ verwenden.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Checkpoint '{path}' knows no classes.</source>
        <translation>Checkpoint „{path}“ kennt keine Klassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Checkpoint '{checkpoint}' looks at time stacks; '{layer}' is a single image.</source>
        <translation>Checkpoint „{checkpoint}“ braucht Zeitstapel; „{layer}“ ist ein einzelnes Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose a time stack, or another checkpoint.</source>
        <translation>Einen Zeitstapel oder einen anderen Checkpoint wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Checkpoint '{checkpoint}' looks at single images; '{layer}' is a time stack of {n} dates.</source>
        <translation>Checkpoint „{checkpoint}“ braucht einzelne Bilder; „{layer}“ ist ein Zeitstapel mit {n} Terminen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose an image, or fine-tune on time stacks.</source>
        <translation>Ein Bild wählen oder mit Zeitstapeln feinabstimmen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>'{checkpoint}' was exported for {wanted} dates; time stack '{layer}' has {given}.</source>
        <translation>„{checkpoint}“ wurde für {wanted} Termine exportiert; Zeitstapel „{layer}“ hat {given}.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose a time stack with as many dates, or classify with the checkpoint that was exported.</source>
        <translation>Einen Zeitstapel mit ebenso vielen Terminen wählen oder mit dem Checkpoint klassifizieren, der exportiert wurde.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Checkpoint '{path}' does not exist.</source>
        <translation>Checkpoint „{path}“ existiert nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose an existing checkpoint file.</source>
        <translation>Eine vorhandene Checkpoint-Datei wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>{title} '{path}' has the wrong file type.</source>
        <translation>{title}: „{path}“ hat den falschen Dateityp.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Its name should end in {suffix}.</source>
        <translation>Der Name sollte auf {suffix} enden.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>The folder '{folder}' of {title} does not exist.</source>
        <translation>Der Ordner „{folder}“ ({title}) existiert nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Create it first, or choose another folder.</source>
        <translation>Ihn zuerst anlegen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>{title} '{path}' would overwrite a file that is already in use here.</source>
        <translation>{title}: „{path}“ würde eine Datei überschreiben, die hier schon verwendet wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/checks.py"/>
        <source>Choose another name.</source>
        <translation>Einen anderen Namen wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>Layer '{layer}' has no field '{field}'; it has {fields}.</source>
        <translation>Layer „{layer}“ hat kein Feld „{field}“; vorhanden: {fields}.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>no fields</source>
        <translation>keine</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>Choose the field that holds the class.</source>
        <translation>Das Feld wählen, das die Klasse enthält.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>Layer '{layer}' has no classes yet.</source>
        <translation>Layer „{layer}“ hat noch keine Klassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>Choose the field that holds the class, or give the layer a categorised style.</source>
        <translation>Das Feld wählen, das die Klasse enthält, oder dem Layer einen kategorisierten Stil geben.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>The categorised style of layer '{layer}' uses '{text}', which is neither a field nor an expression.</source>
        <translation>Der kategorisierte Stil des Layers „{layer}“ verwendet „{text}“; das ist weder ein Feld noch ein Ausdruck.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>Correct the layer's style, or choose the field that holds the class.</source>
        <translation>Den Stil des Layers berichtigen oder das Feld wählen, das die Klasse enthält.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>The categorised style of layer '{layer}' shows no class.</source>
        <translation>Der kategorisierte Stil des Layers „{layer}“ zeigt keine Klasse.</translation>
    </message>
    <message>
        <location filename="../algorithms/classes.py"/>
        <source>Classify it in the layer's style and tick the classes, or choose the field that holds the class.</source>
        <translation>Ihn im Stil des Layers klassifizieren und die Klassen ankreuzen oder das Feld wählen, das die Klasse enthält.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>Classify an image</source>
        <translation>Bild klassifizieren</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>Makes a land-cover map of an image of any size with a fine-tuned checkpoint.</source>
        <translation>Erstellt aus einem Bild beliebiger Größe mit einem feinabgestimmten Checkpoint eine Landbedeckungskarte.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>&lt;p&gt;The image needs the bands that the checkpoint was trained with; they are found by their names, in any order. The map is a GeoTIFF with the names and colours of the classes as its style; where the image has no data, the map has none either.&lt;/p&gt;&lt;p&gt;A run that was killed or failed goes on where it stopped when it is run again with the same parameters and output files. Name them for this: temporary files have other names each time.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Das Bild braucht die Kanäle, mit denen der Checkpoint trainiert wurde; sie werden an ihren Namen erkannt, in beliebiger Reihenfolge. Die Karte ist ein GeoTIFF mit den Namen und Farben der Klassen als Stil; wo das Bild keine Daten hat, hat auch die Karte keine.&lt;/p&gt;&lt;p&gt;Ein Lauf, der abgebrochen wurde oder fehlschlug, fährt dort fort, wo er aufgehört hat, wenn er mit denselben Parametern und Ausgabedateien wiederholt wird. Geben Sie ihnen dafür Namen: Temporäre Dateien heißen jedes Mal anders.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <source>The checkpoint that 'Fine-tune a classifier' wrote (.safetensors); or a network in ONNX format (.onnx), exported by LandSketch or made by others for the plugin Deepness.</source>
        <translation>Der Checkpoint, den „Klassifikator feinabstimmen“ geschrieben hat (.safetensors); oder ein Netz im ONNX-Format (.onnx), von LandSketch exportiert oder von anderen für die Erweiterung Deepness erstellt.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>Polygons outside which nothing is classified. Empty: the whole image.</source>
        <translation>Polygone, außerhalb derer nichts klassifiziert wird. Leer: das ganze Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>The part of the image that the map covers: drawn, that of a layer or of the map on screen, or typed; without a coordinate system in that of the project. Empty: the whole image.</source>
        <translation>Der Teil des Bildes, den die Karte abdeckt: gezeichnet, der eines Layers oder des Kartenfensters, oder eingetippt; ohne Koordinatensystem in dem des Projekts. Leer: das ganze Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_scenes.py"/>
        <location filename="../algorithms/embed.py"/>
        <source>Tile size in pixels</source>
        <translation>Kachelgröße in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>0: as the checkpoint says. Smaller tiles need less memory; the map hardly depends on it.</source>
        <translation>0: wie im Checkpoint angegeben. Kleinere Kacheln brauchen weniger Speicher; die Karte hängt kaum davon ab.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>The land-cover map, a GeoTIFF with one class value per pixel; 0 is no data.</source>
        <translation>Die Landbedeckungskarte, ein GeoTIFF mit einem Klassenwert je Pixel; 0 ist der Leerwert.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <location filename="../algorithms/sketch.py"/>
        <location filename="../ui/dock/map_step.py"/>
        <source>Confidence</source>
        <translation>Konfidenz</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>The probability of the chosen class, from 0 to 1: low where the classifier is in doubt.</source>
        <translation>Die Wahrscheinlichkeit der gewählten Klasse von 0 bis 1: niedrig, wo der Klassifikator zweifelt.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Probabilities</source>
        <translation>Wahrscheinlichkeiten</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>The probability of every class, one band each: whole numbers from 0 to 250 whose scale of 0.004 QGIS applies, 255 where there is no data.</source>
        <translation>Die Wahrscheinlichkeit jeder Klasse, je ein Kanal: ganze Zahlen von 0 bis 250, deren Skalierung von 0.004 QGIS anwendet; 255, wo keine Daten sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Polygons</source>
        <translation>Polygone</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>The map as polygons with class and area, a GeoPackage (.gpkg) that holds names and colours of the classes too. Neighbours share their borders without gaps.</source>
        <translation>Die Karte als Polygone mit Klasse und Fläche, ein GeoPackage (.gpkg), das auch Namen und Farben der Klassen enthält. Nachbarn teilen ihre Grenzen ohne Lücken.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Entropy</source>
        <translation>Entropie</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>How evenly the probabilities are spread over all classes: 0 where the classifier is certain, 1 where all classes are equally likely.</source>
        <translation>Wie gleichmäßig sich die Wahrscheinlichkeiten auf alle Klassen verteilen: 0, wo der Klassifikator sicher ist; 1, wo alle Klassen gleich wahrscheinlich sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/classify_batch.py"/>
        <location filename="../algorithms/sketch.py"/>
        <source>Margin</source>
        <translation>Klassenabstand</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <source>The difference between the two highest probabilities, from 0 to 1: low where two classes are hard to tell apart. New labels help most there.</source>
        <translation>Die Differenz der beiden höchsten Wahrscheinlichkeiten, von 0 bis 1: niedrig, wo zwei Klassen schwer zu unterscheiden sind. Neue Labels helfen dort am meisten.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify.py"/>
        <location filename="../algorithms/cluster.py"/>
        <source>The style could not be saved beside the map.</source>
        <translation>Der Stil konnte nicht neben der Karte gespeichert werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Classify many images</source>
        <translation>Viele Bilder klassifizieren</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Makes a land-cover map of each of many images with one fine-tuned checkpoint.</source>
        <translation>Erstellt aus jedem von vielen Bildern mit einem feinabgestimmten Checkpoint eine Landbedeckungskarte.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>&lt;p&gt;All images are checked against the checkpoint before the first one is classified. An image that fails nevertheless is named in the log, and the others go on. The file {manifest} in the output folder says what became of each image.&lt;/p&gt;&lt;p&gt;Run again with the same output folder, the algorithm goes on where it was stopped: images whose map is there and that have not changed are passed over.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Alle Bilder werden gegen den Checkpoint geprüft, bevor das erste klassifiziert wird. Schlägt ein Bild dennoch fehl, nennt es das Protokoll, und die anderen laufen weiter. Die Datei {manifest} im Ausgabeordner sagt, was aus jedem Bild geworden ist.&lt;/p&gt;&lt;p&gt;Mit demselben Ausgabeordner wiederholt, fährt der Algorithmus dort fort, wo er angehalten wurde: Bilder, deren Karte da ist und die sich nicht geändert haben, werden übersprungen.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Polygons outside which nothing is classified; images beyond them fail. Empty: the whole images.</source>
        <translation>Polygone, außerhalb derer nichts klassifiziert wird; Bilder jenseits davon schlagen fehl. Leer: die ganzen Bilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>The part of each image that its map covers; images beyond it fail. Drawn, that of a layer or of the map on screen, or typed; without a coordinate system in that of the project. Empty: the whole images.</source>
        <translation>Der Teil jedes Bildes, den seine Karte abdeckt; Bilder jenseits davon schlagen fehl. Gezeichnet, der eines Layers oder des Kartenfensters, oder eingetippt; ohne Koordinatensystem in dem des Projekts. Leer: die ganzen Bilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Classify again what is done</source>
        <translation>Fertiges erneut klassifizieren</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether images are classified again whose map is already there and that have not changed.</source>
        <translation>Ob Bilder erneut klassifiziert werden, deren Karte schon da ist und die sich nicht geändert haben.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Output folder</source>
        <translation>Ausgabeordner</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Where the maps go, each named after its image; another folder than that of the images.</source>
        <translation>Wohin die Karten kommen, jede nach ihrem Bild benannt; ein anderer Ordner als der der Bilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>What became of each image</source>
        <translation>Was aus jedem Bild wurde</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Mosaic</source>
        <translation>Mosaik</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether a raster with the probability of the chosen class is written beside each map.</source>
        <translation>Ob neben jede Karte ein Raster mit der Wahrscheinlichkeit der gewählten Klasse geschrieben wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether a raster with the probability of every class, one band each, is written beside each map.</source>
        <translation>Ob neben jede Karte ein Raster mit der Wahrscheinlichkeit jeder Klasse geschrieben wird, je ein Kanal.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether the maps are laid side by side in one layer: a virtual raster (.vrt) that needs no space of its own. Maps with another coordinate system or pixel grid than most are left out, and named.</source>
        <translation>Ob die Karten in einem Layer nebeneinandergelegt werden: ein virtuelles Raster (.vrt), das selbst keinen Platz braucht. Karten mit einem anderen Koordinatensystem oder Pixelgitter als die meisten werden ausgelassen und genannt.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether each map is written as polygons too, to a GeoPackage (.gpkg) of the image's name.</source>
        <translation>Ob jede Karte auch als Polygone geschrieben wird, in ein GeoPackage (.gpkg) mit dem Namen des Bildes.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether a raster is written beside each map of how evenly the probabilities are spread over all classes: 0 is certain, 1 is all classes equally likely.</source>
        <translation>Ob neben jede Karte ein Raster geschrieben wird, das sagt, wie gleichmäßig sich die Wahrscheinlichkeiten auf alle Klassen verteilen: 0 ist sicher, bei 1 sind alle Klassen gleich wahrscheinlich.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Whether a raster with the difference between the two highest probabilities is written beside each map: low where two classes are hard to tell apart.</source>
        <translation>Ob neben jede Karte ein Raster mit der Differenz der beiden höchsten Wahrscheinlichkeiten geschrieben wird: niedrig, wo zwei Klassen schwer zu unterscheiden sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>The style could not be saved beside every map.</source>
        <translation>Der Stil konnte nicht neben jeder Karte gespeichert werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>{n} images</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>The output folder '{folder}' is a file.</source>
        <translation>Der Ausgabeordner „{folder}“ ist eine Datei.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Choose a folder.</source>
        <translation>Einen Ordner wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>The output folder '{folder}' is that of the images.</source>
        <translation>Der Ausgabeordner „{folder}“ ist der der Bilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Choose another folder, where maps and images cannot be mixed up.</source>
        <translation>Einen anderen Ordner wählen, in dem Karten und Bilder nicht verwechselt werden können.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>The output folder '{folder}' cannot be made: {reason}.</source>
        <translation>Der Ausgabeordner „{folder}“ kann nicht angelegt werden: {reason}.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_batch.py"/>
        <source>Choose another folder.</source>
        <translation>Einen anderen Ordner wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Classify patches of an image</source>
        <translation>Bildausschnitte klassifizieren</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Gives squares of an image, or the polygons of a layer, their class and scores as attributes.</source>
        <translation>Gibt Quadraten eines Bildes oder den Polygonen eines Layers ihre Klasse und Scores als Attribute.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>&lt;p&gt;Without a layer of patches, squares lie side by side over the image. The result is a layer with the class, its score, and the score of every class ('p_' and its name); the names and colours of the classes are its style. Where a patch may have several classes, 'classes' names all of them.&lt;/p&gt;&lt;p&gt;Polygons keep their number in their layer in 'id', by which their other attributes can be joined.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Ohne Layer mit Ausschnitten liegen Quadrate nebeneinander auf dem Bild. Das Ergebnis ist ein Layer mit der Klasse, ihrem Score und dem Score jeder Klasse („p_“ und ihr Name); Namen und Farben der Klassen sind sein Stil. Wo ein Ausschnitt mehrere Klassen haben darf, nennt „classes“ sie alle.&lt;/p&gt;&lt;p&gt;Polygone behalten ihre Nummer aus ihrem Layer in „id“, über die sich ihre anderen Attribute verknüpfen lassen.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>The checkpoint that 'Fine-tune a patch classifier' wrote (.safetensors).</source>
        <translation>Der Checkpoint, den „Klassifikator für Bildausschnitte feinabstimmen“ geschrieben hat (.safetensors).</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Patches</source>
        <translation>Bildausschnitte</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>The polygons to classify, or points, with a square around each. Empty: squares side by side over the image.</source>
        <translation>Die zu klassifizierenden Polygone, oder Punkte mit je einem Quadrat um sie herum. Leer: Quadrate nebeneinander auf dem ganzen Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Side of square patches in pixels</source>
        <translation>Seitenlänge quadratischer Ausschnitte in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>0: as large as those that the checkpoint was trained with, which is best.</source>
        <translation>0: so groß wie die, mit denen der Checkpoint trainiert wurde; das ist am besten.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>The part of the image whose patches are classified: drawn, that of a layer or of the map on screen, or typed; without a coordinate system in that of the project. Empty: the whole image.</source>
        <translation>Der Teil des Bildes, dessen Ausschnitte klassifiziert werden: gezeichnet, der eines Layers oder des Kartenfensters, oder eingetippt; ohne Koordinatensystem in dem des Projekts. Leer: das ganze Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Least score</source>
        <translation>Kleinster Score</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Where patches may have several classes: those from this score on.</source>
        <translation>Wo Ausschnitte mehrere Klassen haben dürfen: die ab diesem Score.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>0: as the checkpoint says. Smaller tiles need less memory; the scores hardly depend on it.</source>
        <translation>0: wie im Checkpoint angegeben. Kleinere Kacheln brauchen weniger Speicher; die Scores hängen kaum davon ab.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Classified patches</source>
        <translation>Klassifizierte Bildausschnitte</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>A GeoPackage (.gpkg) that holds names and colours of the classes too.</source>
        <translation>Ein GeoPackage (.gpkg), das auch Namen und Farben der Klassen enthält.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Checkpoint '{path}' does not classify patches.</source>
        <translation>Checkpoint „{path}“ klassifiziert keine Bildausschnitte.</translation>
    </message>
    <message>
        <location filename="../algorithms/classify_scenes.py"/>
        <source>Make one that does with 'Fine-tune a patch classifier', or classify pixels with this one.</source>
        <translation>Mit „Klassifikator für Bildausschnitte feinabstimmen“ einen erstellen, der es tut, oder mit diesem Pixel klassifizieren.</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Clear the features of sketches</source>
        <translation>Merkmale von Skizzen löschen</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Deletes the features that sketching keeps on disk, or only tells how much space they take.</source>
        <translation>Löscht die Merkmale, die beim Skizzieren auf dem Datenträger aufbewahrt werden, oder sagt nur, wie viel Platz sie belegen.</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>&lt;p&gt;Nothing is lost but time: the next sketch of a place computes its features anew. Only files that sketching has written are deleted, whichever folder is chosen.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Verloren geht nur Zeit: Die nächste Skizze eines Ortes berechnet seine Merkmale neu. Gelöscht werden nur Dateien, die beim Skizzieren geschrieben wurden, gleich welcher Ordner gewählt ist.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Where features are kept. Empty: a folder of your own, shared by all projects.</source>
        <translation>Wo Merkmale aufbewahrt werden. Leer: ein eigener Ordner, den alle Projekte gemeinsam nutzen.</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Only tell how much they are</source>
        <translation>Nur sagen, wie viel es ist</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Whether the features are only measured, and stay.</source>
        <translation>Ob die Merkmale nur gemessen werden und bleiben.</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <location filename="../algorithms/computing.py"/>
        <source>Folder for features</source>
        <translation>Ordner für Merkmale</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Number of blocks that were there</source>
        <translation>Anzahl der Blöcke, die da waren</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Their bytes</source>
        <translation>Ihre Bytes</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>Bytes that are left</source>
        <translation>Verbleibende Bytes</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>{n} blocks of features, {before}, in '{folder}'; {after} are left.</source>
        <translation>{n} Blöcke von Merkmalen, {before}, in „{folder}“; {after} bleiben.</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>{n:.0f} MB</source>
        <translation>{n:.0f} MB</translation>
    </message>
    <message>
        <location filename="../algorithms/clear_cache.py"/>
        <source>{n:.1f} GB</source>
        <translation>{n:.1f} GB</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Cluster an image</source>
        <translation>Bild clustern</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Groups the pixels of an image into clusters that look alike, without labels, for you to name.</source>
        <translation>Gruppiert die Pixel eines Bildes ohne Labels zu Clustern, die sich ähneln und denen Sie Namen geben.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>&lt;p&gt;The clusters are numbered from the largest on. To name them, open the layer's properties, Symbology, and write names in the column 'Label'; clusters that show the same may get the same name and colour. Ask for more clusters than you expect classes: it is easier to join two than to part one.&lt;/p&gt;&lt;p&gt;Clusters are what the image itself falls into, which need not be the classes that you are after; with a few labels, 'Fine-tune a classifier' makes better maps. A run that was killed goes on where it stopped when it is run again with the same parameters and output file.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Die Cluster sind vom größten an nummeriert. Um sie zu benennen, öffnen Sie in den Eigenschaften des Layers die Symbolisierung und schreiben Namen in die Spalte „Beschriftung“; Cluster, die dasselbe zeigen, können denselben Namen und dieselbe Farbe bekommen. Verlangen Sie mehr Cluster, als Sie Klassen erwarten: Zwei zu vereinen ist leichter, als einen zu teilen.&lt;/p&gt;&lt;p&gt;Cluster sind das, worin das Bild von selbst zerfällt; das müssen nicht die Klassen sein, die Sie suchen. Mit ein paar Labels macht „Klassifikator feinabstimmen“ bessere Karten. Ein Lauf, der abgebrochen wurde, fährt dort fort, wo er aufgehört hat, wenn er mit denselben Parametern und derselben Ausgabedatei wiederholt wird.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Number of clusters</source>
        <translation>Anzahl der Cluster</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>How many clusters to find.</source>
        <translation>Wie viele Cluster gesucht werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <location filename="../algorithms/embed.py"/>
        <location filename="../algorithms/import_checkpoint.py"/>
        <location filename="../algorithms/pretrain.py"/>
        <location filename="../algorithms/sketch.py"/>
        <source>Encoder</source>
        <translation>Encoder</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>The encoder whose features are grouped: a .safetensors file of LandSketch, an encoder or a classifier, whose encoder is taken; or published weights (.pt, .pth, .ckpt). Empty: the default features.</source>
        <translation>Der Encoder, dessen Merkmale gruppiert werden: eine .safetensors-Datei von LandSketch, ein Encoder oder ein Klassifikator, dessen Encoder genommen wird; oder veröffentlichte Gewichte (.pt, .pth, .ckpt). Leer: die Standard-Merkmale.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>The part of the image that is clustered: drawn, that of a layer or of the map on screen, or typed; without a coordinate system in that of the project. Empty: the whole image.</source>
        <translation>Der Teil des Bildes, der geclustert wird: gezeichnet, der eines Layers oder des Kartenfensters, oder eingetippt; ohne Koordinatensystem in dem des Projekts. Leer: das ganze Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>What the clusters are compared with, if there is anything: a class raster, or a layer with points, lines or polygons. Each class is matched with one cluster, so that they agree as well as they can.</source>
        <translation>Womit die Cluster verglichen werden, falls es etwas gibt: ein Klassenraster oder ein Layer mit Punkten, Linien oder Polygonen. Jeder Klasse wird ein Cluster zugeordnet, sodass beide so gut wie möglich übereinstimmen.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Name clusters after the reference</source>
        <translation>Cluster nach der Referenz benennen</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Whether clusters get name and colour of the class that they are matched with.</source>
        <translation>Ob Cluster Namen und Farbe der Klasse bekommen, der sie zugeordnet sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>The same seed, image and settings give the same clusters; change it to see how much depends on chance.</source>
        <translation>Derselbe Startwert gibt mit demselben Bild und denselben Einstellungen dieselben Cluster; ein anderer zeigt, wie viel vom Zufall abhängt.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Map of clusters</source>
        <translation>Karte der Cluster</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>The clusters, a GeoTIFF with one number per pixel; 0 is no data.</source>
        <translation>Die Cluster, ein GeoTIFF mit einer Nummer je Pixel; 0 ist der Leerwert.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>A checkpoint for 'Classify an image' that finds the same clusters in other images.</source>
        <translation>Ein Checkpoint für „Bild klassifizieren“, der dieselben Cluster in anderen Bildern findet.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>A page with the size of each cluster, its mean value in each band, and the agreement with a reference.</source>
        <translation>Eine Seite mit der Größe jedes Clusters, seinem Mittelwert in jedem Kanal und der Übereinstimmung mit einer Referenz.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Clusters as JSON</source>
        <translation>Cluster als JSON</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>The same figures, for other programs.</source>
        <translation>Dieselben Zahlen, für andere Programme.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>There is no reference to name clusters after.</source>
        <translation>Es gibt keine Referenz, nach der Cluster benannt werden könnten.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Choose one, or let clusters have numbers.</source>
        <translation>Eine wählen oder die Cluster bei Nummern belassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/cluster.py"/>
        <source>Clusters</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <location filename="../algorithms/commands.py"/>
        <source>Only the selected features were used, which a command cannot say.</source>
        <translation>Verwendet wurden nur die gewählten Objekte; das kann ein Befehl nicht ausdrücken.</translation>
    </message>
    <message>
        <location filename="../algorithms/commands.py"/>
        <source>Save them to a layer of their own.</source>
        <translation>Sie in einem eigenen Layer speichern.</translation>
    </message>
    <message>
        <location filename="../algorithms/commands.py"/>
        <source>Layer '{layer}' has labels that exist in QGIS alone.</source>
        <translation>Layer „{layer}“ hat Labels, die es nur in QGIS gibt.</translation>
    </message>
    <message>
        <location filename="../algorithms/commands.py"/>
        <source>Save the edits, and the layer to a file, before you copy the command.</source>
        <translation>Die Änderungen speichern, und den Layer in eine Datei, bevor Sie den Befehl kopieren.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Make composites of a time stack</source>
        <translation>Kompositbilder eines Zeitstapels erstellen</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Makes one image of all those of a month, or of some days, without clouds, and a stack of these.</source>
        <translation>Macht aus allen Bildern eines Monats oder einiger Tage ein wolkenfreies Bild, und aus diesen einen neuen Stapel.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>&lt;p&gt;Pixels that a mask hides, and those without data, are left out. Radar images are averaged as power, not as decibels. The composites lie beside the new stack and begin with its name; optical ones are in the units of the stack's sensor, radar ones in dB. Each one stands for the day in the middle of its period.&lt;/p&gt;&lt;p&gt;&lt;b&gt;median&lt;/b&gt;, &lt;b&gt;mean&lt;/b&gt;: of each band. &lt;b&gt;medoid&lt;/b&gt;: the date whose spectrum is nearest to those of all others, so that the bands of a pixel were measured together (Flood 2013); it needs three dates or more to choose well. &lt;b&gt;best&lt;/b&gt;: the date near the middle of the period and far from clouds (Griffiths et al. 2013; White et al. 2014). &lt;b&gt;greenest&lt;/b&gt;: the date with the largest NDVI (Holben 1986), which works without masks, but picks clouds over water.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Pixel, die eine Maske verdeckt, und solche ohne Daten bleiben außer Betracht. Radarbilder werden als Leistung gemittelt, nicht als Dezibel. Die Kompositbilder liegen neben dem neuen Stapel und beginnen mit seinem Namen; optische haben die Einheiten des Sensors des Stapels, Radarbilder dB. Jedes steht für den Tag in der Mitte seines Zeitraums.&lt;/p&gt;&lt;p&gt;&lt;b&gt;median&lt;/b&gt;, &lt;b&gt;mean&lt;/b&gt;: Median und Mittel je Kanal. &lt;b&gt;medoid&lt;/b&gt;: der Termin, dessen Spektrum denen aller anderen am nächsten ist, sodass die Kanäle eines Pixels zusammen gemessen wurden (Flood 2013); er braucht mindestens drei Termine, um gut zu wählen. &lt;b&gt;best&lt;/b&gt;: der Termin nahe der Mitte des Zeitraums und fern von Wolken (Griffiths et al. 2013; White et al. 2014). &lt;b&gt;greenest&lt;/b&gt;: der Termin mit dem größten NDVI (Holben 1986); das geht ohne Masken, wählt aber über Wasser Wolken.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>The .json file that 'Build a time stack' wrote, or another STAC ItemCollection.</source>
        <translation>Die .json-Datei, die „Zeitstapel zusammenstellen“ geschrieben hat, oder eine andere STAC ItemCollection.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>One composite for each</source>
        <translation>Ein Kompositbild je</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Calendar months; a number of days; or each date by itself, which joins images of one day and lets gaps be filled.</source>
        <translation>Kalendermonate; eine Anzahl von Tagen; oder jeder Termin für sich, was Bilder eines Tages vereint und Lücken füllen lässt.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Length of a period, where it is a number of days.</source>
        <translation>Länge eines Zeitraums, wo er eine Anzahl von Tagen ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <location filename="../algorithms/stack_layers.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Optical images</source>
        <translation>Optische Bilder</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>How one image is made of the optical images of a period; see above.</source>
        <translation>Wie aus den optischen Bildern eines Zeitraums eines wird; siehe oben.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <location filename="../algorithms/stack_layers.py"/>
        <source>Radar images</source>
        <translation>Radarbilder</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>How one image is made of the radar images of a period, in linear power.</source>
        <translation>Wie aus den Radarbildern eines Zeitraums eines wird, in linearer Leistung.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Fill gaps</source>
        <translation>Lücken füllen</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Whether pixels without a clear date in a period, and periods without an image, are filled linearly in time from those before and after. At the ends, the nearest value is repeated.</source>
        <translation>Ob Pixel ohne klaren Termin in einem Zeitraum und Zeiträume ohne Bild zeitlich linear aus denen davor und danach gefüllt werden. An den Enden wird der nächste Wert wiederholt.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>First day</source>
        <translation>Erster Tag</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Periods begin here; earlier images are left out. Empty: the first one.</source>
        <translation>Hier beginnen die Zeiträume; frühere Bilder bleiben außer Betracht. Leer: der erste.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Last day</source>
        <translation>Letzter Tag</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Images that are taken later are left out. Empty: the last one.</source>
        <translation>Spätere Bilder bleiben außer Betracht. Leer: der letzte.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Write numbers of dates</source>
        <translation>Anzahl der Termine schreiben</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Whether a raster is written that says how many clear dates each pixel of each composite is made of.</source>
        <translation>Ob ein Raster geschrieben wird, das sagt, aus wie vielen klaren Terminen jedes Pixel jedes Kompositbildes entstanden ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Composites</source>
        <translation>Kompositbilder</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>The new time stack (.json); its images lie beside it.</source>
        <translation>Der neue Zeitstapel (.json); seine Bilder liegen daneben.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Time stack '{stack}' has images from {first} to {last} only.</source>
        <translation>Zeitstapel „{stack}“ hat nur Bilder von {first} bis {last}.</translation>
    </message>
    <message>
        <location filename="../algorithms/composite.py"/>
        <source>Choose a first and a last day of that time.</source>
        <translation>Einen ersten und einen letzten Tag aus dieser Zeit wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Compute on</source>
        <translation>Rechnen auf</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <source>'auto' takes a graphics card where there is one ('cuda' for NVIDIA, 'mps' for Apple), else the processor ('cpu'). The log says which it is.</source>
        <translation>„auto“ nimmt eine Grafikkarte, wo es eine gibt („cuda“ für NVIDIA, „mps“ für Apple), sonst den Prozessor („cpu“). Das Protokoll sagt, was es ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <location filename="../ui/machine_tables.py"/>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Runtime</source>
        <translation>Laufzeitumgebung</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <source>The library that computes the network. 'auto' tries those that can on a piece of a large image and takes the fastest that gives the same map; the log says which it is.</source>
        <translation>Die Bibliothek, die das Netz berechnet. „auto“ probiert die möglichen an einem Stück eines großen Bildes aus und nimmt die schnellste, die dieselbe Karte gibt; das Protokoll sagt, welche es ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Precision</source>
        <translation>Rechengenauigkeit</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <source>How exactly numbers are computed: with 32 bits ('fp32'), or with 16 ('bf16', 'fp16'), which is faster on graphics cards and some processors. 'auto' takes 16 bits only where the map stays the same.</source>
        <translation>Wie genau Zahlen berechnet werden: mit 32 Bit („fp32“) oder mit 16 („bf16“, „fp16“), was auf Grafikkarten und manchen Prozessoren schneller ist. „auto“ nimmt 16 Bit nur dort, wo die Karte dieselbe bleibt.</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Most processor threads</source>
        <translation>Höchstzahl an Prozessor-Threads</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <source>0: one for each core. Fewer leave the machine more room for other work.</source>
        <translation>0: einer je Kern. Weniger lassen dem Rechner mehr Raum für andere Arbeit.</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <source>Dask scheduler</source>
        <translation>Dask-Scheduler</translation>
    </message>
    <message>
        <location filename="../algorithms/computing.py"/>
        <source>For maps that are too large for one machine: the address of a Dask scheduler whose workers classify, such as tcp://10.0.0.1:8786. All workers need this version of LandSketch, and have to see checkpoint, images and outputs under the same paths. Empty: this machine classifies.</source>
        <translation>Für Karten, die für einen Rechner zu groß sind: die Adresse eines Dask-Schedulers, dessen Worker klassifizieren, etwa tcp://10.0.0.1:8786. Alle Worker brauchen diese Version von LandSketch und müssen Checkpoint, Bilder und Ausgaben unter denselben Pfaden sehen. Leer: Dieser Rechner klassifiziert.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Co-register an image</source>
        <translation>Bild koregistrieren</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Moves an image so that it lies on another one, to parts of a pixel: optical, radar, or one of each.</source>
        <translation>Verschiebt ein Bild auf Bruchteile eines Pixels genau so, dass es auf einem anderen liegt: optisch, Radar oder je eines.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>&lt;p&gt;Windows spread over both images tell, each on its own, how far the image has to go. Where enough of them agree it is moved; where they do not, it stays and you are told so.&lt;/p&gt;&lt;p&gt;The result is a virtual raster: a small file that shows the image, whose own file is not changed, at its new place. Keep both files; moved together within one folder they still open. Radar images show trees and buildings displaced towards the sensor, by up to some pixels, and terrain-corrected ones too: look at the report before you take the shift as an error of the image.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Fenster, die über beide Bilder verteilt sind, sagen jedes für sich, wie weit das Bild verschoben werden muss. Wo genügend übereinstimmen, wird es verschoben; wo nicht, bleibt es, und Sie erfahren es.&lt;/p&gt;&lt;p&gt;Das Ergebnis ist ein virtuelles Raster: eine kleine Datei, die das Bild, dessen eigene Datei unverändert bleibt, an seinem neuen Ort zeigt. Behalten Sie beide Dateien; innerhalb eines Ordners zusammen verschoben, lassen sie sich weiterhin öffnen. Radarbilder zeigen Bäume und Gebäude um bis zu einige Pixel zum Sensor hin versetzt, auch geländekorrigierte: Sehen Sie sich den Bericht an, bevor Sie den Versatz für einen Fehler des Bildes halten.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Whether it is an optical or a radar image. 'auto' looks at band names and file name.</source>
        <translation>Ob es ein optisches oder ein Radarbild ist. „auto“ sieht auf Kanalnamen und Dateinamen.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Image to move</source>
        <translation>Zu verschiebendes Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>The image that is not where it should be; its file stays as it is.</source>
        <translation>Das Bild, das nicht liegt, wo es sollte; seine Datei bleibt, wie sie ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Reference image</source>
        <translation>Referenzbild</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>The image that lies right.</source>
        <translation>Das Bild, das richtig liegt.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Kind of the image to move</source>
        <translation>Art des zu verschiebenden Bildes</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Kind of the reference image</source>
        <translation>Art des Referenzbildes</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Largest shift in pixels</source>
        <translation>Größter Versatz in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>How far off the image may be, in pixels of the coarser of both. The smaller, the surer.</source>
        <translation>Wie weit das Bild danebenliegen kann, in Pixeln des gröberen der beiden. Je kleiner, desto sicherer.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>A shift for each place</source>
        <translation>Eigener Versatz für jeden Ort</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Whether the shift may change over the image, smoothly: for aerial mosaics and rough terrain. The image is then warped, once, while it is read, onto the pixels of the reference. Off: one shift for the whole image, whose pixels stay as they are.</source>
        <translation>Ob sich der Versatz über das Bild hinweg stetig ändern darf: für Luftbildmosaike und bewegtes Gelände. Das Bild wird dann beim Lesen einmal auf die Pixel der Referenz entzerrt. Aus: ein Versatz für das ganze Bild, dessen Pixel bleiben, wie sie sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Compared by</source>
        <translation>Verglichen nach</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>'values' compares brightness, for images of one kind; 'structure' compares where edges are and which way they run, for any two sensors. 'auto' takes the first in which windows agree.</source>
        <translation>„values“ vergleicht Helligkeit, für Bilder derselben Art; „structure“ vergleicht, wo Kanten sind und wie sie verlaufen, für zwei beliebige Sensoren. „auto“ nimmt das erste, bei dem die Fenster übereinstimmen.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Moved image</source>
        <translation>Verschobenes Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Virtual raster</source>
        <translation>Virtuelles Raster</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>The image at its new place: a virtual raster that reads the image's own file.</source>
        <translation>Das Bild an seinem neuen Ort: ein virtuelles Raster, das die eigene Datei des Bildes liest.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/learning.py"/>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>A page with the shift, how sure it is, and pictures of both images before and after.</source>
        <translation>Eine Seite mit dem Versatz, seiner Sicherheit und Ansichten beider Bilder vorher und nachher.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Shifts as JSON</source>
        <translation>Versätze als JSON</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>The shift of every window, for other programs.</source>
        <translation>Der Versatz jedes Fensters, für andere Programme.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/labels.py"/>
        <location filename="../algorithms/scene.py"/>
        <source>Layer '{layer}' has no coordinate system.</source>
        <translation>Layer „{layer}“ hat kein Koordinatensystem.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/scene.py"/>
        <source>Set it in the layer's properties and save the file with it.</source>
        <translation>Es in den Eigenschaften des Layers setzen und die Datei damit speichern.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Image and reference are the same file.</source>
        <translation>Bild und Referenz sind dieselbe Datei.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Choose two images.</source>
        <translation>Zwei verschiedene Bilder wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <location filename="../algorithms/scene.py"/>
        <source>Choose images of the same place.</source>
        <translation>Bilder desselben Ortes wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/coregister.py"/>
        <source>Moved copy</source>
        <translation>Verschobene Kopie</translation>
    </message>
    <message>
        <location filename="../algorithms/corrections.py"/>
        <source>'{entry}' is no correction.</source>
        <translation>„{entry}“ ist keine Korrektur.</translation>
    </message>
    <message>
        <location filename="../algorithms/corrections.py"/>
        <source>Expected an image and what is right, as in 'july.tif: 2020-07-11, sensor=landsat-8' or 'may.tif: drop'.</source>
        <translation>Erwartet werden ein Bild und was richtig ist, wie in „july.tif: 2020-07-11, sensor=landsat-8“ oder „may.tif: drop“.</translation>
    </message>
    <message>
        <location filename="../algorithms/drawn_labels.py"/>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/dock/class_table.py"/>
        <location filename="../ui/dock/label_layers.py"/>
        <location filename="../ui/training/examples.py"/>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <location filename="../algorithms/drawn_labels.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Class field</source>
        <translation>Klassenfeld</translation>
    </message>
    <message>
        <location filename="../algorithms/drawn_labels.py"/>
        <source>The field that holds the class. Empty: the one by which the layer is styled (categorised).</source>
        <translation>Das Feld, das die Klasse enthält. Leer: das, nach dem der Layer (kategorisiert) dargestellt ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>Embed an image</source>
        <translation>Embeddings eines Bildes berechnen</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>Writes the features that an encoder computes of an image as a raster, one band each.</source>
        <translation>Schreibt die Merkmale, die ein Encoder aus einem Bild berechnet, als Raster, je ein Kanal.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>&lt;p&gt;Computed once, features can be used many times: chosen as 'Embeddings' in 'Fine-tune a classifier', they take the place of an encoder. Their pixels are as large as the encoder's finest features, often larger than the image's.&lt;/p&gt;&lt;p&gt;A run that was killed or failed goes on where it stopped when it is run again with the same parameters and output file.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Einmal berechnet, lassen sich Merkmale oft verwenden: In „Klassifikator feinabstimmen“ als „Embeddings“ gewählt, treten sie an die Stelle eines Encoders. Ihre Pixel sind so groß wie die feinsten Merkmale des Encoders, oft größer als die des Bildes.&lt;/p&gt;&lt;p&gt;Ein Lauf, der abgebrochen wurde oder fehlschlug, fährt dort fort, wo er aufgehört hat, wenn er mit denselben Parametern und derselben Ausgabedatei wiederholt wird.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>A .safetensors file of LandSketch, an encoder or a classifier, whose encoder is taken; or published weights (.pt, .pth, .ckpt).</source>
        <translation>Eine .safetensors-Datei von LandSketch, ein Encoder oder ein Klassifikator, dessen Encoder genommen wird; oder veröffentlichte Gewichte (.pt, .pth, .ckpt).</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>The part of the image that is embedded: drawn, that of a layer or of the map on screen, or typed; without a coordinate system in that of the project. Empty: the whole image.</source>
        <translation>Der Teil des Bildes, dessen Merkmale berechnet werden: gezeichnet, der eines Layers oder des Kartenfensters, oder eingetippt; ohne Koordinatensystem in dem des Projekts. Leer: das ganze Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>Stored as</source>
        <translation>Gespeichert als</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>'int8' takes one byte for each number and a scale for each band; 'float16' takes two, and is more exact than classifiers need.</source>
        <translation>„int8“ braucht ein Byte je Zahl und eine Skalierung je Kanal; „float16“ braucht zwei und ist genauer, als Klassifikatoren es nötig haben.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>0: as the encoder needs. Smaller tiles need less memory; the features hardly depend on it.</source>
        <translation>0: wie der Encoder es braucht. Kleinere Kacheln brauchen weniger Speicher; die Merkmale hängen kaum davon ab.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>The features, a GeoTIFF with one band each; the first three are shown as red, green and blue.</source>
        <translation>Die Merkmale, ein GeoTIFF mit je einem Kanal; die ersten drei werden als Rot, Grün und Blau gezeigt.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>This version of QGIS does not know signed 8-bit numbers and shows about half of the values wrongly; LandSketch reads them rightly. To look at features here, choose 'float16'.</source>
        <translation>Diese Version von QGIS kennt keine vorzeichenbehafteten 8-Bit-Zahlen und zeigt etwa die Hälfte der Werte falsch; LandSketch liest sie richtig. Um Merkmale hier anzusehen, „float16“ wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/embed.py"/>
        <source>The style could not be saved beside the features.</source>
        <translation>Der Stil konnte nicht neben den Merkmalen gespeichert werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/ensembles.py"/>
        <source>Further checkpoints</source>
        <translation>Weitere Checkpoints</translation>
    </message>
    <message>
        <location filename="../algorithms/ensembles.py"/>
        <source>Checkpoints that classify together with the one above: the map is made from the mean of all their probabilities, which is often better than each of them where all are about equally good; give a much weaker one less weight, or leave it out. They may be of any make and use other images or bands, but must have the same classes. Choose all the images that they need. QGIS forgets this list when the dialog is opened from its history: choose the files again.</source>
        <translation>Checkpoints, die zusammen mit dem obigen klassifizieren: Die Karte entsteht aus dem Mittel all ihrer Wahrscheinlichkeiten; das ist oft besser als jeder einzelne, wenn alle etwa gleich gut sind; geben Sie einem viel schwächeren weniger Gewicht oder lassen Sie ihn weg. Sie können beliebiger Bauart sein und andere Bilder oder Kanäle verwenden, müssen aber dieselben Klassen haben. Wählen Sie alle Bilder, die sie brauchen. QGIS vergisst diese Liste, wenn der Dialog aus seinem Verlauf geöffnet wird: Wählen Sie die Dateien dann neu.</translation>
    </message>
    <message>
        <location filename="../algorithms/ensembles.py"/>
        <source>Weights of the checkpoints</source>
        <translation>Gewichte der Checkpoints</translation>
    </message>
    <message>
        <location filename="../algorithms/ensembles.py"/>
        <source>How much each checkpoint counts in the mean: numbers separated by commas, the first for the checkpoint above, such as 2, 1, 1. Empty: all count alike. A checkpoint with the weight 0 is left out.</source>
        <translation>Wie viel jeder Checkpoint im Mittel zählt: Zahlen, durch Kommas getrennt, die erste für den obigen Checkpoint, etwa 2, 1, 1. Leer: Alle zählen gleich. Ein Checkpoint mit dem Gewicht 0 wird weggelassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/ensembles.py"/>
        <source>The weights of the checkpoints are '{text}'.</source>
        <translation>Die Gewichte der Checkpoints sind „{text}“.</translation>
    </message>
    <message>
        <location filename="../algorithms/ensembles.py"/>
        <source>Write numbers of 0 or more with a point, separated by commas, such as 2, 1, 1.5.</source>
        <translation>Zahlen ab 0 mit Punkt schreiben, durch Kommas getrennt, etwa 2, 1, 1.5.</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>Export a classifier as ONNX</source>
        <translation>Klassifikator als ONNX exportieren</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>Writes a fine-tuned checkpoint as an ONNX network, which runs without PyTorch.</source>
        <translation>Schreibt einen feinabgestimmten Checkpoint als ONNX-Netz, das ohne PyTorch läuft.</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>&lt;p&gt;'Classify an image' takes the network as it takes the checkpoint. It also holds what the QGIS plugin Deepness and the program GeoDeep read: classes, resolution, tile size and scaling. Before it is written, its results are compared with those of the checkpoint.&lt;/p&gt;</source>
        <translation>&lt;p&gt;„Bild klassifizieren“ nimmt das Netz wie den Checkpoint. Es enthält auch, was die QGIS-Erweiterung Deepness und das Programm GeoDeep lesen: Klassen, Auflösung, Kachelgröße und Skalierung. Bevor es geschrieben wird, werden seine Ergebnisse mit denen des Checkpoints verglichen.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>The checkpoint that 'Fine-tune a classifier' wrote (.safetensors).</source>
        <translation>Der Checkpoint, den „Klassifikator feinabstimmen“ geschrieben hat (.safetensors).</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>With a STAC item</source>
        <translation>Mit STAC-Item</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>Whether a file that describes the network for catalogues (STAC, extension for machine learning models) is written beside it, under the same name with the ending {ending}.</source>
        <translation>Ob eine Datei, die das Netz für Kataloge beschreibt (STAC, Erweiterung für Modelle maschinellen Lernens), unter demselben Namen mit der Endung {ending} danebengeschrieben wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>Only windows of this side in pixels</source>
        <translation>Nur Fenster dieser Seitenlänge in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>0: windows of any size, where the network allows it. Some programs and devices need one fixed size, such as 512.</source>
        <translation>0: Fenster jeder Größe, wo das Netz es zulässt. Manche Programme und Geräte brauchen eine feste Größe, etwa 512.</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>ONNX network</source>
        <translation>ONNX-Netz</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>The network with everything needed to use it rightly, as in the checkpoint.</source>
        <translation>Das Netz mit allem, was zu seiner richtigen Verwendung nötig ist, wie im Checkpoint.</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>STAC item</source>
        <translation>STAC-Item</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>'{path}' is an ONNX network already.</source>
        <translation>„{path}“ ist schon ein ONNX-Netz.</translation>
    </message>
    <message>
        <location filename="../algorithms/export_onnx.py"/>
        <source>Choose the checkpoint (.safetensors) that it was made from.</source>
        <translation>Den Checkpoint (.safetensors) wählen, aus dem es entstanden ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/feedback.py"/>
        <source>{message} ({time} left)</source>
        <translation>{message} (noch {time})</translation>
    </message>
    <message>
        <location filename="../algorithms/feedback.py"/>
        <source>Written: {path}</source>
        <translation>Geschrieben: {path}</translation>
    </message>
    <message>
        <location filename="../algorithms/feedback.py"/>
        <source>{n} s</source>
        <translation>{n} s</translation>
    </message>
    <message>
        <location filename="../algorithms/feedback.py"/>
        <source>{n} min</source>
        <translation>{n} min</translation>
    </message>
    <message>
        <location filename="../algorithms/feedback.py"/>
        <source>{h} h {m} min</source>
        <translation>{h} h {m} min</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>Fine-tune a classifier</source>
        <translation>Klassifikator feinabstimmen</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>Learns land-cover classes from a few labels drawn on an image, and writes a checkpoint to classify with.</source>
        <translation>Lernt Landbedeckungsklassen aus wenigen auf ein Bild gezeichneten Labels und schreibt einen Checkpoint zum Klassifizieren.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>&lt;p&gt;Draw some points, lines or polygons for each class, on places you are sure of; what is not labelled is left out of training. Style the layer by category: the names and colours of the categories become the legend of the map. Layers that are being edited are taken as they are on screen.&lt;/p&gt;&lt;p&gt;Some of the labelled features are held out and tell how good the classifier is; the report shows it.&lt;/p&gt;{networks}</source>
        <translation>&lt;p&gt;Zeichnen Sie für jede Klasse einige Punkte, Linien oder Polygone an Stellen, bei denen Sie sicher sind; was kein Label hat, bleibt beim Training außer Betracht. Stellen Sie den Layer kategorisiert dar: Namen und Farben der Kategorien werden zur Legende der Karte. Layer, die gerade bearbeitet werden, werden so genommen, wie sie auf dem Bildschirm sind.&lt;/p&gt;&lt;p&gt;Einige der Objekte mit Label werden zurückgehalten und sagen, wie gut der Klassifikator ist; der Bericht zeigt es.&lt;/p&gt;{networks}</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>The layer with the drawn labels, in any coordinate system.</source>
        <translation>Der Layer mit den gezeichneten Labels, in beliebigem Koordinatensystem.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>The field that holds the class. Empty: the one by which the layer is styled (categorised). Whole numbers from 1 to 255 stay the values of the map; names are numbered from 1. Features without a class are left out.</source>
        <translation>Das Feld, das die Klasse enthält. Leer: das, nach dem der Layer (kategorisiert) dargestellt ist. Ganze Zahlen von 1 bis 255 bleiben die Werte der Karte; Namen werden ab 1 nummeriert. Objekte ohne Klasse werden ausgelassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Checkpoint to start from</source>
        <translation>Ausgangs-Checkpoint</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>An encoder or an earlier result to build on: a .safetensors file of LandSketch, such as 'Import an encoder' writes, or published weights (.pt, .pth, .ckpt). Empty: the default encoder.</source>
        <translation>Ein Encoder oder ein früheres Ergebnis, auf dem aufgebaut wird: eine .safetensors-Datei von LandSketch, wie „Encoder importieren“ sie schreibt, oder veröffentlichte Gewichte (.pt, .pth, .ckpt). Leer: der Standard-Encoder.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>'frozen' trains a light classifier on the features of the encoder: seconds, and best with few labels. 'decoder' trains the decoder of a segmentation network and leaves its encoder; 'last' trains the last stages of the encoder too, 'lora' a little of each of its layers. 'full' trains the whole network: slowest, and needs the most labels.</source>
        <translation>„frozen“ trainiert einen leichten Klassifikator auf den Merkmalen des Encoders: Sekunden, und mit wenigen Labels am besten. „decoder“ trainiert den Decoder eines Segmentierungsnetzes und lässt dessen Encoder, wie er ist; „last“ trainiert auch die letzten Stufen des Encoders, „lora“ ein wenig von jeder seiner Schichten. „full“ trainiert das ganze Netz: am langsamsten, und braucht die meisten Labels.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>The same seed, data and settings give the same result; change it to see how much depends on chance.</source>
        <translation>Derselbe Startwert gibt mit denselben Daten und Einstellungen dasselbe Ergebnis; ein anderer zeigt, wie viel vom Zufall abhängt.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>How often training sees all labels at most (not 'frozen'); it stops earlier once nothing improves.</source>
        <translation>Wie oft das Training alle Labels höchstens sieht (nicht „frozen“); es hört früher auf, sobald nichts mehr besser wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>Features of several dates</source>
        <translation>Merkmale mehrerer Termine</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>With a time stack, for encoders of single images, which look at each date: how the features of the dates become one. 'statistics': their mean and standard deviation, for any dates; 'concatenate': side by side, for the same dates each year; 'attention': a mean with learned weights (not 'frozen'). 'auto' takes encoders that know time as they are, and statistics for others.</source>
        <translation>Mit einem Zeitstapel, für Encoder einzelner Bilder, die jeden Termin ansehen: wie die Merkmale der Termine zu einem werden. „statistics“: ihr Mittel und ihre Standardabweichung, für beliebige Termine; „concatenate“: nebeneinander, für dieselben Termine in jedem Jahr; „attention“: ein Mittel mit gelernten Gewichten (nicht „frozen“). „auto“ nimmt Encoder, die Zeit kennen, wie sie sind, und für andere „statistics“.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>The classifier, with everything needed to use it rightly: bands, units, classes and how it was made.</source>
        <translation>Der Klassifikator, mit allem, was zu seiner richtigen Verwendung nötig ist: Kanäle, Einheiten, Klassen und wie er entstanden ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune.py"/>
        <source>A page with the accuracy on held-out labels, the confusion matrix and the settings.</source>
        <translation>Eine Seite mit der Genauigkeit auf zurückgehaltenen Labels, der Konfusionsmatrix und den Einstellungen.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Fine-tune a patch classifier</source>
        <translation>Klassifikator für Bildausschnitte feinabstimmen</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Learns what whole patches of an image show, one class or several each, and writes a checkpoint to classify patches with.</source>
        <translation>Lernt, was ganze Bildausschnitte zeigen, je eine Klasse oder mehrere, und schreibt einen Checkpoint zum Klassifizieren von Bildausschnitten.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>&lt;p&gt;Use this instead of 'Fine-tune a classifier' where a class is a matter of a whole patch and not of its pixels: what a field or a block is, or which classes a square holds. The patches to learn from are polygons, points (a square around each is the patch), or the squares of a class raster.&lt;/p&gt;&lt;p&gt;Some of the patches are held out and tell how good the classifier is; the report shows it.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Verwenden Sie dies statt „Klassifikator feinabstimmen“, wo eine Klasse Sache eines ganzen Ausschnitts und nicht seiner Pixel ist: was ein Schlag oder ein Häuserblock ist oder welche Klassen ein Quadrat enthält. Gelernt wird aus Polygonen, aus Punkten (ein Quadrat um jeden ist der Ausschnitt) oder aus den Quadraten eines Klassenrasters.&lt;/p&gt;&lt;p&gt;Einige der Ausschnitte werden zurückgehalten und sagen, wie gut der Klassifikator ist; der Bericht zeigt es.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Patches with classes</source>
        <translation>Bildausschnitte mit Klassen</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>A layer of polygons, each a patch; of points, with a square around each as its patch; or a class raster, of which squares side by side get their classes.</source>
        <translation>Ein Layer mit Polygonen, jedes ein Ausschnitt; mit Punkten, um jeden ein Quadrat als sein Ausschnitt; oder ein Klassenraster, dessen nebeneinanderliegende Quadrate ihre Klassen bekommen.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Of points and polygons: the field that holds the class. Empty: the one by which the layer is styled (categorised). Where patches may have several classes, they are separated by semicolons, such as 'forest; water'.</source>
        <translation>Bei Punkten und Polygonen: das Feld, das die Klasse enthält. Leer: das, nach dem der Layer (kategorisiert) dargestellt ist. Wo Ausschnitte mehrere Klassen haben dürfen, sind diese durch Semikolon getrennt, etwa „forest; water“.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>For points and class rasters, in pixels of the image: 16 pixels of 10 m are 160 m.</source>
        <translation>Für Punkte und Klassenraster, in Pixeln des Bildes: 16 Pixel zu 10 m sind 160 m.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Patches may have several classes</source>
        <translation>Ausschnitte dürfen mehrere Klassen haben</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>On: each class is judged by itself, and a patch may get several of them, or none. Off: each patch gets one class; of a class raster, the one with the most pixels.</source>
        <translation>An: Jede Klasse wird für sich beurteilt, und ein Ausschnitt kann mehrere bekommen oder keine. Aus: Jeder Ausschnitt bekommt eine Klasse; bei einem Klassenraster die mit den meisten Pixeln.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Least share of a class in a patch (%)</source>
        <translation>Kleinster Anteil einer Klasse am Ausschnitt (%)</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Of a class raster, where patches may have several classes: those that cover more than this count.</source>
        <translation>Bei einem Klassenraster, wo Ausschnitte mehrere Klassen haben dürfen: Es zählen die, die mehr als diesen Anteil bedecken.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>An encoder or an earlier result whose encoder is taken: a .safetensors file of LandSketch, or published weights (.pt, .pth, .ckpt). Empty: the default encoder.</source>
        <translation>Ein Encoder oder ein früheres Ergebnis, dessen Encoder genommen wird: eine .safetensors-Datei von LandSketch oder veröffentlichte Gewichte (.pt, .pth, .ckpt). Leer: der Standard-Encoder.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>'frozen' trains a light classifier on mean and spread of the encoder's features over each patch: seconds, and best with few patches. 'full' trains the whole network: slower, and needs many patches.</source>
        <translation>„frozen“ trainiert einen leichten Klassifikator auf Mittel und Streuung der Merkmale des Encoders in jedem Ausschnitt: Sekunden, und mit wenigen Ausschnitten am besten. „full“ trainiert das ganze Netz: langsamer, und braucht viele Ausschnitte.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>How often training sees all patches at most ('full'); it stops earlier once nothing improves.</source>
        <translation>Wie oft das Training alle Ausschnitte höchstens sieht („full“); es hört früher auf, sobald nichts mehr besser wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>The classifier, for 'Classify patches of an image'.</source>
        <translation>Der Klassifikator, für „Bildausschnitte klassifizieren“.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>A page with the accuracy on held-out patches for each class, and the settings.</source>
        <translation>Eine Seite mit der Genauigkeit auf zurückgehaltenen Ausschnitten je Klasse und den Einstellungen.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Choose a class raster of the same place.</source>
        <translation>Ein Klassenraster desselben Ortes wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Patches '{value}' cannot be opened as a raster or vector layer.</source>
        <translation>Bildausschnitte: „{value}“ kann weder als Raster- noch als Vektorlayer geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/finetune_scenes.py"/>
        <source>Choose a layer with points or polygons, or a class raster.</source>
        <translation>Einen Layer mit Punkten oder Polygonen oder ein Klassenraster wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <source>The folder '{folder}' does not exist.</source>
        <translation>Der Ordner „{folder}“ existiert nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Choose another one.</source>
        <translation>Einen anderen wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <source>The folder '{folder}' holds no image ({suffixes}).</source>
        <translation>Der Ordner „{folder}“ enthält kein Bild ({suffixes}).</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <source>Choose another one, or look through its subfolders, too.</source>
        <translation>Einen anderen wählen oder auch seine Unterordner durchsuchen.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>'{image}' could belong to each of {names}.</source>
        <translation>„{image}“ könnte zu jedem von diesen gehören: {names}.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <source>'{image}' has no radar image.</source>
        <translation>„{image}“ hat kein Radarbild.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <source>Give both images of a pair the same file name, or the same date (such as 20240713) and tile.</source>
        <translation>Beiden Bildern eines Paares denselben Dateinamen geben oder dasselbe Datum (etwa 20240713) und dieselbe Kachel.</translation>
    </message>
    <message>
        <location filename="../algorithms/folders.py"/>
        <source>... and {n} more.</source>
        <translation>... und {n} weitere.</translation>
    </message>
    <message>
        <location filename="../algorithms/images.py"/>
        <source>'{name}' cannot be opened as a raster.</source>
        <translation>„{name}“ kann nicht als Raster geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/images.py"/>
        <location filename="../algorithms/scene.py"/>
        <source>Choose a raster file such as a GeoTIFF.</source>
        <translation>Eine Rasterdatei wie ein GeoTIFF wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Import an encoder</source>
        <translation>Encoder importieren</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Makes a checkpoint of a published encoder, with all that is needed to use it rightly.</source>
        <translation>Macht aus einem veröffentlichten Encoder einen Checkpoint, mit allem, was zu seiner richtigen Verwendung nötig ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>&lt;p&gt;The checkpoint says which bands the encoder takes, in which order, units and scale, so that 'Fine-tune a classifier' can check your layers against it. The log tells which weights were taken and which were not.&lt;/p&gt;&lt;p&gt;Nothing that a file may hold besides weights is run. Without a file, the encoder that you choose is downloaded; below it says from where, how much, and under which licence.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Der Checkpoint sagt, welche Kanäle der Encoder nimmt, in welcher Reihenfolge, in welchen Einheiten und wie skaliert, sodass „Klassifikator feinabstimmen“ Ihre Layer damit abgleichen kann. Das Protokoll sagt, welche Gewichte übernommen wurden und welche nicht.&lt;/p&gt;&lt;p&gt;Nichts, was eine Datei außer Gewichten enthalten mag, wird ausgeführt. Ohne Datei wird der gewählte Encoder heruntergeladen; unten steht, woher, wie viel und unter welcher Lizenz.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Encoders</source>
        <translation>Encoder</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Published file</source>
        <translation>Veröffentlichte Datei</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>The encoder's weights as its authors publish them: a .pth, .pt, .ckpt or .safetensors file. Empty: the chosen encoder is downloaded.</source>
        <translation>Die Gewichte des Encoders, wie seine Autoren sie veröffentlichen: eine .pth-, .pt-, .ckpt- oder .safetensors-Datei. Leer: Der gewählte Encoder wird heruntergeladen.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Which encoder it is; they are explained below. '{recognised}' looks at the file's name and weights. Without a file, the choice is what is downloaded.</source>
        <translation>Welcher Encoder es ist; sie sind unten erklärt. „{recognised}“ sieht auf Namen und Gewichte der Datei. Ohne Datei wird der gewählte heruntergeladen.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <location filename="../algorithms/learning.py"/>
        <source>LandSketch checkpoint</source>
        <translation>LandSketch-Checkpoint</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>The encoder with its card. Start a fine-tuning from it, or embed an image with it.</source>
        <translation>Der Encoder mit seinem Steckbrief. Beginnen Sie eine Feinabstimmung damit, oder berechnen Sie damit Embeddings eines Bildes.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Sensor of the input</source>
        <translation>Sensor der Eingabe</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>For files that LandSketch does not know: which images the encoder was trained on. 'auto': it knows.</source>
        <translation>Für Dateien, die LandSketch nicht kennt: mit welchen Bildern der Encoder trainiert wurde. „auto“: Es ist bekannt.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Bands of the input</source>
        <translation>Kanäle der Eingabe</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>For files that LandSketch does not know: the bands in the order of the encoder's channels, separated by commas, such as B04,B03,B02. To cut an encoder to fewer bands: those that are left.</source>
        <translation>Für Dateien, die LandSketch nicht kennt: die Kanäle in der Reihenfolge der Eingänge des Encoders, durch Kommas getrennt, etwa B04,B03,B02. Um einen Encoder auf weniger Kanäle zu beschneiden: die, die bleiben.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Means of the bands</source>
        <translation>Mittelwerte der Kanäle</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Standard deviations of the bands</source>
        <translation>Standardabweichungen der Kanäle</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>One number for each band, separated by commas, of the images that the encoder was trained on: reflectance × 10 000 for Sentinel-2, decibels for radar, else as stored.</source>
        <translation>Eine Zahl je Kanal, durch Kommas getrennt, zu den Bildern, mit denen der Encoder trainiert wurde: Reflektanz × 10 000 bei Sentinel-2, Dezibel bei Radar, sonst wie gespeichert.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Cut the first layer to these bands</source>
        <translation>Die erste Schicht auf diese Kanäle beschneiden</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Whether the encoder may be changed to take fewer bands than it was trained with. Its features become worse; the checkpoint says so.</source>
        <translation>Ob der Encoder so geändert werden darf, dass er weniger Kanäle nimmt, als er beim Training hatte. Seine Merkmale werden schlechter; der Checkpoint sagt es.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Neither a file nor an encoder was given.</source>
        <translation>Es wurde weder eine Datei noch ein Encoder angegeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Choose the file, or the encoder to download.</source>
        <translation>Die Datei wählen oder den Encoder, der heruntergeladen werden soll.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>{title} cannot be downloaded by LandSketch.</source>
        <translation>LandSketch kann {title} nicht herunterladen.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Download it from {url}, and choose the file.</source>
        <translation>Von {url} herunterladen und die Datei wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Downloading {title}: {size} MB, licence: {licence}, from {url}</source>
        <translation>{title} wird heruntergeladen: {size} MB, Lizenz: {licence}, von {url}</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>'{a}' and '{b}' belong together.</source>
        <translation>„{a}“ und „{b}“ gehören zusammen.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Give both.</source>
        <translation>Beide angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Numbers of values: {counts}.</source>
        <translation>Anzahlen der Werte: {counts}.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Give as many of each.</source>
        <translation>Von jedem gleich viele angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>'{title}' must be greater than zero.</source>
        <translation>„{title}“ muss größer als null sein.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>one of them is no number</source>
        <translation>ein Wert ist keine Zahl</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>{title}: {error}.</source>
        <translation>{title}: {error}.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Write numbers with a point, separated by commas.</source>
        <translation>Zahlen mit Punkt schreiben, durch Kommas getrennt.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>to be downloaded by hand from</source>
        <translation>von Hand herunterzuladen von</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>from</source>
        <translation>von</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>'{band}' is no band of {sensor}.</source>
        <translation>„{band}“ ist kein Kanal von {sensor}.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Its bands are {bands}.</source>
        <translation>Seine Kanäle sind {bands}.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>A band is named twice in '{text}'.</source>
        <translation>In „{text}“ ist ein Kanal zweimal genannt.</translation>
    </message>
    <message>
        <location filename="../algorithms/import_checkpoint.py"/>
        <source>Name each band once.</source>
        <translation>Jeden Kanal nur einmal nennen.</translation>
    </message>
    <message>
        <location filename="../algorithms/install.py"/>
        <source>Install engine</source>
        <translation>Engine installieren</translation>
    </message>
    <message>
        <location filename="../algorithms/install.py"/>
        <source>Installs the engine that LandSketch computes with, into a folder of its own outside QGIS.</source>
        <translation>Installiert die Engine, mit der LandSketch rechnet, in einen eigenen Ordner außerhalb von QGIS.</translation>
    </message>
    <message>
        <location filename="../algorithms/install.py"/>
        <source>&lt;p&gt;This is needed once. PyTorch and the other packages are downloaded from the internet; nothing is added to the Python of QGIS. If it fails, the log says why and what to do.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Das ist einmal nötig. PyTorch und die anderen Pakete werden aus dem Internet heruntergeladen; dem Python von QGIS wird nichts hinzugefügt. Schlägt es fehl, sagt das Protokoll, warum und was zu tun ist.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/install.py"/>
        <source>Python of the engine</source>
        <translation>Python der Engine</translation>
    </message>
    <message>
        <location filename="../algorithms/install.py"/>
        <source>The engine is ready.</source>
        <translation>Die Engine ist bereit.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Label-ratio study</source>
        <translation>Studie zum Anteil der Labels</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Shows how accuracy grows with the number of labels, with and without a pretrained encoder.</source>
        <translation>Zeigt, wie die Genauigkeit mit der Zahl der Labels wächst, mit und ohne vortrainierten Encoder.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>&lt;p&gt;Learns from 1, 5, 10, 25, 50 and 100 % of the labelled features, each share several times with other features, and judges all runs by the same features, which none of them learns from. The curves tell whether more labels would help, and what pretraining is worth with few of them.&lt;/p&gt;&lt;p&gt;With 'frozen' this takes a minute; with a network that is trained, as many trainings as there are shares, draws and ways of training. A study that was stopped goes on where it was when it is run again with the same parameters and table. Name the table for this: temporary files have other names each time.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Lernt aus 1, 5, 10, 25, 50 und 100 % der Objekte mit Label, jeden Anteil mehrmals mit anderen Objekten, und beurteilt alle Läufe nach denselben Objekten, aus denen keiner von ihnen lernt. Die Kurven sagen, ob mehr Labels helfen würden und was Vortraining bei wenigen wert ist.&lt;/p&gt;&lt;p&gt;Mit „frozen“ dauert das eine Minute; mit einem Netz, das trainiert wird, so viele Trainings, wie es Anteile, Ziehungen und Arten des Trainings gibt. Eine Studie, die angehalten wurde, fährt dort fort, wo sie war, wenn sie mit denselben Parametern und derselben Tabelle wiederholt wird. Geben Sie der Tabelle dafür einen Namen: Temporäre Dateien heißen jedes Mal anders.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>The layer with the drawn labels, in any coordinate system. Some tens of features per class are best.</source>
        <translation>Der Layer mit den gezeichneten Labels, in beliebigem Koordinatensystem. Einige Dutzend Objekte je Klasse sind am besten.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Labels to judge by</source>
        <translation>Labels zum Beurteilen</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Labels with the same classes that no run learns from. Empty: about a third of the labels, held out in spatial blocks where there are enough.</source>
        <translation>Labels mit denselben Klassen, aus denen kein Lauf lernt. Leer: etwa ein Drittel der Labels, in räumlichen Blöcken zurückgehalten, wo es genug davon gibt.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Class field of the labels to judge by</source>
        <translation>Klassenfeld der Labels zum Beurteilen</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>As for the labels: empty means the one by which the layer is styled.</source>
        <translation>Wie bei den Labels: Leer heißt das, nach dem der Layer dargestellt ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Pretrained encoder</source>
        <translation>Vortrainierter Encoder</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>The encoder or earlier result that is studied: a .safetensors file of LandSketch, or published weights (.pt, .pth, .ckpt). Empty: the default encoder alone.</source>
        <translation>Der Encoder oder das frühere Ergebnis, um das es geht: eine .safetensors-Datei von LandSketch oder veröffentlichte Gewichte (.pt, .pth, .ckpt). Leer: nur der Standard-Encoder.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Compare with the same network without pretraining</source>
        <translation>Mit demselben Netz ohne Vortraining vergleichen</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Whether a second curve shows what the encoder would reach had it not been pretrained.</source>
        <translation>Ob eine zweite Kurve zeigt, was der Encoder erreichen würde, wäre er nicht vortrainiert.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>As in 'Fine-tune a classifier'. The network without pretraining is then trained as a whole.</source>
        <translation>Wie in „Klassifikator feinabstimmen“. Das Netz ohne Vortraining wird dann als Ganzes trainiert.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Shares of the labels (%)</source>
        <translation>Anteile der Labels (%)</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Percentages of the features of each class, separated by commas; of each class at least one is taken.</source>
        <translation>Prozentsätze der Objekte jeder Klasse, durch Kommas getrennt; von jeder Klasse wird mindestens eines genommen.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Draws</source>
        <translation>Ziehungen</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>How often features are drawn for each share. The bands around the curves show how much they differ.</source>
        <translation>Wie oft für jeden Anteil Objekte gezogen werden. Die Bänder um die Kurven zeigen, wie sehr sie sich unterscheiden.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>The same seed, data and settings give the same result.</source>
        <translation>Derselbe Startwert gibt mit denselben Daten und Einstellungen dasselbe Ergebnis.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>How often a training sees its labels at most; 'frozen' has no epochs.</source>
        <translation>Wie oft ein Training seine Labels höchstens sieht; „frozen“ hat keine Epochen.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>CSV file</source>
        <translation>CSV-Datei</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>One row for each run: share, draw, features, IoU, F1, precision and recall.</source>
        <translation>Eine Zeile je Lauf: Anteil, Ziehung, Objekte, IoU, F1, Precision und Recall.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Picture</source>
        <translation>Abbildung</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>PNG picture</source>
        <translation>PNG-Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>The curves, to put into a document.</source>
        <translation>Die Kurven, zum Einfügen in ein Dokument.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>A page with the curves, the numbers and the settings.</source>
        <translation>Eine Seite mit den Kurven, den Zahlen und den Einstellungen.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>The shares of the labels are '{text}'.</source>
        <translation>Die Anteile der Labels sind „{text}“.</translation>
    </message>
    <message>
        <location filename="../algorithms/label_ratio.py"/>
        <source>Expected percentages above 0 and up to 100, separated by commas, such as 1, 5, 10, 25, 50, 100.</source>
        <translation>Erwartet werden Prozentsätze über 0 und bis 100, durch Kommas getrennt, etwa 1, 5, 10, 25, 50, 100.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Layer '{layer}' is a table without geometries.</source>
        <translation>Layer „{layer}“ ist eine Tabelle ohne Geometrien.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Set it in the layer's properties.</source>
        <translation>Es in den Eigenschaften des Layers setzen.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>All labels of layer '{layer}' have one class, '{only}'; at least two classes are needed.</source>
        <translation>Alle Labels des Layers „{layer}“ haben eine Klasse, „{only}“; es müssen mindestens zwei Klassen sein.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Draw labels of another class as well.</source>
        <translation>Auch Labels einer anderen Klasse zeichnen.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>No feature of layer '{layer}' has a class in '{attribute}'.</source>
        <translation>Kein Objekt des Layers „{layer}“ hat in „{attribute}“ eine Klasse.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Draw some labels and give each a class; with 'Selected features only', select some.</source>
        <translation>Einige Labels zeichnen und jedem eine Klasse geben; bei „Nur gewählte Objekte“ einige auswählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Layer '{image}' has no coordinate system, so '{layer}' cannot be laid over it.</source>
        <translation>Layer „{image}“ hat kein Koordinatensystem; „{layer}“ kann deshalb nicht darübergelegt werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <location filename="../algorithms/where.py"/>
        <source>Set the image's coordinate system in its properties and save it with it.</source>
        <translation>Das Koordinatensystem des Bildes in seinen Eigenschaften setzen und mit ihm speichern.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>No feature of layer '{layer}' lies on '{image}'.</source>
        <translation>Kein Objekt des Layers „{layer}“ liegt auf „{image}“.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Check that both show the same place, and that their coordinate systems are right.</source>
        <translation>Prüfen, ob beide denselben Ort zeigen und ob ihre Koordinatensysteme stimmen.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>{n} features of layer '{layer}' have no class or no geometry and are left out.</source>
        <translation>{n} Objekte des Layers „{layer}“ haben keine Klasse oder keine Geometrie und werden ausgelassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>The features of layer '{layer}' cannot be written to the temporary folder: {problem}.</source>
        <translation>Die Objekte des Layers „{layer}“ können nicht in den temporären Ordner geschrieben werden: {problem}.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Check that the disk is not full.</source>
        <translation>Prüfen, ob der Datenträger voll ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>{title} '{value}' cannot be opened as a vector layer.</source>
        <translation>{title}: „{value}“ kann nicht als Vektorlayer geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/labels.py"/>
        <source>Choose a layer with points, lines or polygons.</source>
        <translation>Einen Layer mit Punkten, Linien oder Polygonen wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/learning.py"/>
        <source>What to train</source>
        <translation>Was trainiert wird</translation>
    </message>
    <message>
        <location filename="../algorithms/learning.py"/>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <location filename="../algorithms/learning.py"/>
        <source>Most epochs</source>
        <translation>Höchstzahl an Epochen</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Raster layers to classify, each on its own. They may be left out if a folder is given. For a checkpoint that uses radar only, these are radar images, for one made on embeddings, embeddings; else, optical ones.</source>
        <translation>Zu klassifizierende Rasterlayer, jeder für sich. Sie können fehlen, wenn ein Ordner angegeben ist. Für einen Checkpoint, der nur Radar verwendet, sind es Radarbilder, für einen auf Embeddings Embeddings, sonst optische Bilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>All .tif, .tiff, .vrt and .jp2 files in this folder are classified as well.</source>
        <translation>Alle .tif-, .tiff-, .vrt- und .jp2-Dateien in diesem Ordner werden ebenfalls klassifiziert.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>With subfolders</source>
        <translation>Mit Unterordnern</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Whether the folders inside the given ones are looked through, too; not the output folder.</source>
        <translation>Ob auch die Ordner innerhalb der angegebenen durchsucht werden; nicht der Ausgabeordner.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Folder with radar images</source>
        <translation>Ordner mit Radarbildern</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>For checkpoints that use an optical and a radar image together: the folder with the radar images. Each optical image is paired with the radar image of the same file name; without one, with the only radar image whose name has the same date (such as 20240713) and Sentinel-2 tile (such as T32UPU), or one of the two where a name lacks the other. Where this leaves a doubt, nothing runs and the images are named.</source>
        <translation>Für Checkpoints, die ein optisches und ein Radarbild zusammen verwenden: der Ordner mit den Radarbildern. Jedes optische Bild gehört zum Radarbild desselben Dateinamens; gibt es keines, zum einzigen Radarbild, dessen Name dasselbe Datum (etwa 20240713) und dieselbe Sentinel-2-Kachel (etwa T32UPU) hat, oder eines der beiden, wo einem Namen das andere fehlt. Wo dabei ein Zweifel bleibt, läuft nichts, und die Bilder werden genannt.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Choose layers, a folder with images, or both.</source>
        <translation>Layer, einen Ordner mit Bildern oder beides wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>{n} of {all} images cannot be classified:</source>
        <translation>{n} von {all} Bildern können nicht klassifiziert werden:</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Leave them out, or choose another checkpoint, sensor or band names.</source>
        <translation>Sie weglassen oder einen anderen Checkpoint, Sensor oder andere Kanalnamen wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Checkpoint '{checkpoint}' needs images and embeddings together, which cannot be paired by name.</source>
        <translation>Checkpoint „{checkpoint}“ braucht Bilder und Embeddings zusammen; diese lassen sich nicht nach Namen paaren.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Use 'Classify an image' for each.</source>
        <translation>Für jedes „Bild klassifizieren“ verwenden.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Checkpoint '{checkpoint}' needs a radar image with each optical one.</source>
        <translation>Checkpoint „{checkpoint}“ braucht zu jedem optischen Bild ein Radarbild.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Choose the folder with the radar images.</source>
        <translation>Den Ordner mit den Radarbildern wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Checkpoint '{checkpoint}' uses one image at a time; a second folder was given.</source>
        <translation>Checkpoint „{checkpoint}“ verwendet jeweils ein Bild; angegeben wurde ein zweiter Ordner.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Leave the folder with radar images empty.</source>
        <translation>Den Ordner mit Radarbildern leer lassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>{paths} would have the same map.</source>
        <translation>{paths} hätten dieselbe Karte.</translation>
    </message>
    <message>
        <location filename="../algorithms/many_scenes.py"/>
        <source>Maps are named after their images; give these different names.</source>
        <translation>Karten werden nach ihren Bildern benannt; diesen verschiedene Namen geben.</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Format of the rasters</source>
        <translation>Format der Raster</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Every GIS opens both. Of a Cloud Optimized GeoTIFF on a web server, programs can also read the part that they show; a tiled GeoTIFF is written a little faster.</source>
        <translation>Jedes GIS öffnet beide. Von einem Cloud Optimized GeoTIFF auf einem Webserver können Programme auch nur den Teil lesen, den sie zeigen; ein gekacheltes GeoTIFF wird etwas schneller geschrieben.</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Frees the map of speckle, single pixels of another class. 'majority' gives each pixel the most frequent class around it. 'Bayesian' draws the probabilities of each pixel towards those around it, the more the less certain they are, and so keeps small things of which the classifier is sure.</source>
        <translation>Befreit die Karte von Salz-und-Pfeffer-Rauschen, einzelnen Pixeln einer anderen Klasse. „majority“ gibt jedem Pixel die häufigste Klasse um es herum. „Bayesian“ zieht die Wahrscheinlichkeiten jedes Pixels zu denen um es herum, umso mehr, je unsicherer sie sind, und erhält so Kleines, bei dem der Klassifikator sicher ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Smoothing radius in pixels</source>
        <translation>Glättungsradius in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>How many pixels to each side of a pixel count when it is smoothed.</source>
        <translation>Wie viele Pixel auf jeder Seite eines Pixels zählen, wenn es geglättet wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Smallest polygons in pixels</source>
        <translation>Kleinste Polygone in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Patches of fewer pixels join their largest neighbour and get no polygon of their own. 0: all are kept.</source>
        <translation>Flächen mit weniger Pixeln gehen in ihrem größten Nachbarn auf und bekommen kein eigenes Polygon. 0: Alle bleiben.</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Tolerance of polygons in pixels</source>
        <translation>Toleranz der Polygone in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/map_options.py"/>
        <source>Borders of polygons may move by about this much to become simpler; neighbours stay neighbours, without gaps. 0: borders follow the pixels.</source>
        <translation>Um etwa so viel dürfen Grenzen von Polygonen wandern, um einfacher zu werden; Nachbarn bleiben Nachbarn, ohne Lücken. 0: Grenzen folgen den Pixeln.</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>&lt;p&gt;'auto' suits few labels: a light classifier, a U-Net, or a decoder on the checkpoint. Other networks are chosen by name; they have a decoder, so train 'decoder' or 'full':&lt;/p&gt;&lt;ul&gt;{lines}&lt;/ul&gt;</source>
        <translation>&lt;p&gt;„auto“ passt zu wenigen Labels: ein leichter Klassifikator, ein U-Net oder ein Decoder auf dem Checkpoint. Andere Netze werden mit Namen gewählt; sie haben einen Decoder, trainieren Sie also „decoder“ oder „full“:&lt;/p&gt;&lt;ul&gt;{lines}&lt;/ul&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <location filename="../algorithms/pretrain.py"/>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>The network to train; the list above says when to choose which.</source>
        <translation>Das zu trainierende Netz; die Liste oben sagt, wann welches passt.</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>Checkpoint of the other encoder</source>
        <translation>Checkpoint des anderen Encoders</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>For networks with two encoders, where each has a checkpoint of its own: one for the radar image and one for the optical image, in any order. A checkpoint that holds a pair is enough alone.</source>
        <translation>Für Netze mit zwei Encodern, wo jeder einen eigenen Checkpoint hat: einer für das Radarbild und einer für das optische Bild, in beliebiger Reihenfolge. Ein Checkpoint, der ein Paar enthält, genügt allein.</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>Size of Swin transformers</source>
        <translation>Größe der Swin-Transformer</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>Without a checkpoint: 'tiny' is the usual size, for a graphics card; 'nano' has a fifth of the weights and a tenth of the work, for a processor. 'auto' takes the one that suits the device.</source>
        <translation>Ohne Checkpoint: „tiny“ ist die übliche Größe, für eine Grafikkarte; „nano“ hat ein Fünftel der Gewichte und ein Zehntel der Rechenarbeit, für einen Prozessor. „auto“ nimmt, was zum Gerät passt.</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>Fusion</source>
        <translation>Fusion</translation>
    </message>
    <message>
        <location filename="../algorithms/networks.py"/>
        <source>How dual-stmim-unet joins what its two encoders see: a projection of both, their sum, or a learned gate.</source>
        <translation>Wie dual-stmim-unet verbindet, was seine beiden Encoder sehen: eine Projektion beider, ihre Summe oder ein gelerntes Gate.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Prepare radar images</source>
        <translation>Radarbilder aufbereiten</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Removes speckle and border noise from radar images, and converts between dB and linear power.</source>
        <translation>Entfernt Speckle und Randrauschen aus Radarbildern und rechnet zwischen dB und linearer Leistung um.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>&lt;p&gt;Filters work on linear power, whatever the units, so that mean backscatter is kept.&lt;/p&gt;&lt;p&gt;&lt;b&gt;refined Lee&lt;/b&gt; (Lee 1981) smooths homogeneous ground and keeps edges sharp. &lt;b&gt;Lee&lt;/b&gt; (1980) leaves pixels at edges as they are. &lt;b&gt;Gamma-MAP&lt;/b&gt; (Lopes et al. 1990) keeps point targets, too. &lt;b&gt;multi-temporal&lt;/b&gt; (Quegan and Yu 2001) averages speckle over all dates of a time stack and keeps details best; what changes between dates stays where it is.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Filter arbeiten mit linearer Leistung, gleich in welchen Einheiten, sodass die mittlere Rückstreuung erhalten bleibt.&lt;/p&gt;&lt;p&gt;&lt;b&gt;refined Lee&lt;/b&gt; (Lee 1981) glättet homogene Flächen und hält Kanten scharf. &lt;b&gt;Lee&lt;/b&gt; (1980) lässt Pixel an Kanten, wie sie sind. &lt;b&gt;Gamma-MAP&lt;/b&gt; (Lopes et al. 1990) erhält auch Punktziele. &lt;b&gt;multi-temporal&lt;/b&gt; (Quegan und Yu 2001) mittelt Speckle über alle Termine eines Zeitstapels und erhält Einzelheiten am besten; was sich zwischen Terminen ändert, bleibt, wo es ist.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Radar image</source>
        <translation>Radarbild</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>A raster file with geocoded backscatter, VV and VH or one of them; or give a time stack instead.</source>
        <translation>Eine Rasterdatei mit geokodierter Rückstreuung, VV und VH oder eines davon; oder stattdessen einen Zeitstapel angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>A time stack (.json) whose radar images are all prepared and become a new stack.</source>
        <translation>Ein Zeitstapel (.json), dessen Radarbilder alle aufbereitet werden und einen neuen Stapel bilden.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Speckle filter</source>
        <translation>Speckle-Filter</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>How speckle is removed; see above. 'multi-temporal' needs a time stack.</source>
        <translation>Wie Speckle entfernt wird; siehe oben. „multi-temporal“ braucht einen Zeitstapel.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Window in pixels</source>
        <translation>Fenster in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Side of the filter's window, an odd number: larger ones smooth more. The refined Lee filter takes 7.</source>
        <translation>Seitenlänge des Filterfensters, eine ungerade Zahl: Größere glätten mehr. Der Filter „refined Lee“ nimmt 7.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Units of the result</source>
        <translation>Einheiten des Ergebnisses</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Whether backscatter is written in decibels or as linear power.</source>
        <translation>Ob die Rückstreuung in Dezibel oder als lineare Leistung geschrieben wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Remove border noise</source>
        <translation>Randrauschen entfernen</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Whether low values beside no data are removed. Sentinel-1 ground range products from before March 2018 have a rim of them at the border of the swath.</source>
        <translation>Ob niedrige Werte neben Leerwerten entfernt werden. GRD-Produkte von Sentinel-1 aus der Zeit vor März 2018 haben am Rand des Aufnahmestreifens einen Saum davon.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Prepared image</source>
        <translation>Aufbereitetes Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>The prepared image, a GeoTIFF with the polarisations of the input. Not written of a time stack.</source>
        <translation>Das aufbereitete Bild, ein GeoTIFF mit den Polarisationen der Eingabe. Wird bei einem Zeitstapel nicht geschrieben.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Prepared time stack</source>
        <translation>Aufbereiteter Zeitstapel</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>The new time stack (.json) where a time stack is prepared; its images lie beside it.</source>
        <translation>Der neue Zeitstapel (.json), wenn ein Zeitstapel aufbereitet wird; seine Bilder liegen daneben.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Number of looks</source>
        <translation>Anzahl der Looks</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>How strong speckle is: the equivalent number of looks, such as 4.4 for Sentinel-1 ground range products at 10 m. 0: estimated from the image, which the log tells.</source>
        <translation>Wie stark Speckle ist: die äquivalente Anzahl der Looks, etwa 4.4 bei GRD-Produkten von Sentinel-1 mit 10 m. 0: aus dem Bild geschätzt; das Protokoll nennt sie.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Border noise below dB</source>
        <translation>Randrauschen unterhalb von (dB)</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Pixels whose surroundings are below this in every polarisation count as border noise.</source>
        <translation>Pixel, deren Umgebung in jeder Polarisation darunter liegt, gelten als Randrauschen.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Border noise up to pixels</source>
        <translation>Randrauschen reicht höchstens (Pixel)</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>How far from no data border noise reaches, with nothing but low values on the way.</source>
        <translation>Wie weit Randrauschen von den Leerwerten aus reicht, mit nichts als niedrigen Werten auf dem Weg.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Raster of incidence angles</source>
        <translation>Raster der Einfallswinkel</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Incidence angles in degrees, to make backscatter look as seen from one angle everywhere. Empty: the angle below, or no correction.</source>
        <translation>Einfallswinkel in Grad, damit die Rückstreuung überall wie unter einem Winkel gesehen erscheint. Leer: der Winkel unten, oder keine Korrektur.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Incidence angle</source>
        <translation>Einfallswinkel</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>One angle in degrees for the whole image, instead of a raster of them. Empty: none.</source>
        <translation>Ein Winkel in Grad für das ganze Bild, statt eines Rasters. Leer: keiner.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Reference angle</source>
        <translation>Bezugswinkel</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>The angle in degrees that backscatter is brought to; 38 is the middle of Sentinel-1's swath.</source>
        <translation>Der Winkel in Grad, auf den die Rückstreuung gebracht wird; 38 ist die Mitte des Aufnahmestreifens von Sentinel-1.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Power of the cosine</source>
        <translation>Potenz des Kosinus</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>How fast backscatter falls with the incidence angle: 2 for sigma nought of rough surfaces, less over forest and for gamma nought.</source>
        <translation>Wie schnell die Rückstreuung mit dem Einfallswinkel abfällt: 2 für Sigma Null rauer Oberflächen, weniger über Wald und für Gamma Null.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Choose a file.</source>
        <translation>Eine Datei wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Prepared</source>
        <translation>Aufbereitet</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>A radar image and a time stack were given.</source>
        <translation>Es wurden ein Radarbild und ein Zeitstapel angegeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <location filename="../algorithms/stacks.py"/>
        <source>Leave one of them empty.</source>
        <translation>Eines davon leer lassen.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Choose a radar image or a time stack.</source>
        <translation>Ein Radarbild oder einen Zeitstapel wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/prepare_sar.py"/>
        <source>Time stack '{path}' has no radar images.</source>
        <translation>Zeitstapel „{path}“ hat keine Radarbilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/preparing.py"/>
        <source>Preparing images</source>
        <translation>Bilder vorbereiten</translation>
    </message>
    <message>
        <location filename="../algorithms/preparing.py"/>
        <location filename="../algorithms/stacks.py"/>
        <source>Choose the .json file of a time stack.</source>
        <translation>Die .json-Datei eines Zeitstapels wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Pretrain an encoder</source>
        <translation>Encoder vortrainieren</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Trains an encoder on images without labels, so that 'Fine-tune a classifier' needs fewer labels to learn from.</source>
        <translation>Trainiert einen Encoder mit Bildern ohne Labels, sodass „Klassifikator feinabstimmen“ weniger Labels zum Lernen braucht.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>&lt;p&gt;Give it as many images of your region as you have; it learns what they show by tasks that need no labels. This takes time, minutes to hours on a graphics card and hours to days on a processor; the log tells how long. A run that was stopped goes on where it was when it is run again with the same images, parameters and output file.&lt;/p&gt;&lt;p&gt;Methods, and when to choose them:&lt;/p&gt;&lt;ul&gt;{methods}&lt;/ul&gt;&lt;p&gt;SimCLR, Dual-SimCLR, MMA and GCC-RS compare the windows of a batch with each other, and small batches teach them little: with 8 and 16 windows encoders became worse than without pretraining in one study. Give them batches of 256 windows or more, or SimCLR a memory of earlier windows (option memory=1024); where your machine has no room for that, choose another method. Whether it helped only labels tell: fine-tune with and without the encoder, and compare the reports.&lt;/p&gt;&lt;p&gt;SimCLR with the network 'two-branch' learns from an image, such as an aerial one, and a time stack of the same ground: by random views of both, or with the option compare=branches by finding the series that belongs to an image, which needs no changes of brightness. Fine-tune the same network from it.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Geben Sie ihm so viele Bilder Ihrer Region, wie Sie haben; er lernt, was sie zeigen, an Aufgaben, die keine Labels brauchen. Das dauert: Minuten bis Stunden auf einer Grafikkarte, Stunden bis Tage auf einem Prozessor; das Protokoll sagt, wie lange. Ein Lauf, der angehalten wurde, fährt dort fort, wo er war, wenn er mit denselben Bildern, Parametern und derselben Ausgabedatei wiederholt wird.&lt;/p&gt;&lt;p&gt;Verfahren, und wann welches passt:&lt;/p&gt;&lt;ul&gt;{methods}&lt;/ul&gt;&lt;p&gt;SimCLR, Dual-SimCLR, MMA und GCC-RS vergleichen die Fenster einer Charge (Batch) miteinander, und kleine Chargen lehren sie wenig: Mit 8 und 16 Fenstern wurden Encoder in einer Studie schlechter als ohne Vortraining. Geben Sie ihnen Chargen von 256 Fenstern oder mehr, oder SimCLR ein Gedächtnis früherer Fenster (Option memory=1024); wo Ihr Rechner dafür keinen Platz hat, wählen Sie ein anderes Verfahren. Ob es geholfen hat, sagen nur Labels: Stimmen Sie mit und ohne den Encoder fein ab, und vergleichen Sie die Berichte.&lt;/p&gt;&lt;p&gt;SimCLR mit dem Netz „two-branch“ lernt aus einem Bild, etwa einem Luftbild, und einem Zeitstapel desselben Gebiets: durch zufällige Ansichten von beiden, oder mit der Option compare=branches, indem es die Zeitreihe findet, die zu einem Bild gehört; das braucht keine Änderungen der Helligkeit. Stimmen Sie dasselbe Netz davon ausgehend fein ab.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>How the encoder learns; the list above says when to choose which.</source>
        <translation>Wie der Encoder lernt; die Liste oben sagt, wann welches Verfahren passt.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Updates</source>
        <translation>Aktualisierungen</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>How often the weights are improved. More are better, up to hundreds of thousands for many images.</source>
        <translation>Wie oft die Gewichte verbessert werden. Mehr ist besser, bis zu Hunderttausenden bei vielen Bildern.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>The same seed, images and settings give the same encoder.</source>
        <translation>Derselbe Startwert gibt mit denselben Bildern und Einstellungen denselben Encoder.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>The encoder's network or size; each method knows some, its default first. {networks}.</source>
        <translation>Netz oder Größe des Encoders; jedes Verfahren kennt einige, das erste ist sein Standard. {networks}.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Window size in pixels</source>
        <translation>Fenstergröße in Pixeln</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Side of the square cuts of the images that it learns from. 0: as the method does, {windows}.</source>
        <translation>Seitenlänge der quadratischen Stücke der Bilder, aus denen gelernt wird. 0: wie es das Verfahren vorsieht, {windows}.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Windows per batch</source>
        <translation>Fenster je Charge (Batch)</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>How many windows are learned from at once; fewer need less memory. 0: as the method does, {batches}.</source>
        <translation>Aus wie vielen Fenstern auf einmal gelernt wird; weniger brauchen weniger Speicher. 0: wie es das Verfahren vorsieht, {batches}.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Batches per update</source>
        <translation>Chargen je Aktualisierung</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>More make an update of the weights steadier without more memory. They do not help methods that compare the windows of a batch.</source>
        <translation>Mehr machen eine Aktualisierung der Gewichte ruhiger, ohne mehr Speicher zu brauchen. Verfahren, die die Fenster einer Charge (Batch) miteinander vergleichen, hilft das nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>The highest one; it rises to it and falls again. 0: as the method does, {rates}.</source>
        <translation>Die höchste; sie steigt bis dahin an und fällt wieder. 0: wie es das Verfahren vorsieht, {rates}.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Options of the method</source>
        <translation>Optionen des Verfahrens</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>As name=value, separated by commas, such as 'strategy=RC, ratio=0.8' for 3DMAE or 'memory=1024' for SimCLR. An unknown name is answered with the list of those that the method knows.</source>
        <translation>Als Name=Wert, durch Kommas getrennt, etwa „strategy=RC, ratio=0.8“ für 3DMAE oder „memory=1024“ für SimCLR. Auf einen unbekannten Namen folgt die Liste derer, die das Verfahren kennt.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>The encoder, to choose as the checkpoint to start from in 'Fine-tune a classifier'.</source>
        <translation>Der Encoder, in „Klassifikator feinabstimmen“ als Ausgangs-Checkpoint zu wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>A page with the learning curve, and with pictures of what the encoder fills in or takes for alike.</source>
        <translation>Eine Seite mit der Lernkurve und mit Ansichten dessen, was der Encoder ergänzt oder für gleich hält.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Left out, since {method} learns from {needed} together: {scenes}.</source>
        <translation>Ausgelassen, weil {method} zugleich aus {needed} lernt: {scenes}.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>{method} does not know the network '{network}'.</source>
        <translation>{method} kennt das Netz „{network}“ nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Choose one of {networks}.</source>
        <translation>Eines wählen: {networks}.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>{method} does not learn from embeddings.</source>
        <translation>{method} lernt nicht aus Embeddings.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Leave them out, or choose the method Distillation.</source>
        <translation>Sie weglassen oder das Verfahren Distillation wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>{method} learns from {needed} together; no scene has both.</source>
        <translation>{method} lernt zugleich aus {needed}; keine Szene hat beides.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Add images of the same place, or choose another method.</source>
        <translation>Bilder desselben Ortes hinzufügen oder ein anderes Verfahren wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>an optical image and a time stack beside it, without radar,</source>
        <translation>einem optischen Bild und einem Zeitstapel daneben, ohne Radar,</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>images and embeddings</source>
        <translation>Bildern und Embeddings</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>an optical and a radar image</source>
        <translation>einem optischen und einem Radarbild</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>The option '{part}' is not of the form name=value.</source>
        <translation>Die Option „{part}“ hat nicht die Form Name=Wert.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Write options as 'ratio=0.8, strategy=RC'.</source>
        <translation>Optionen als „ratio=0.8, strategy=RC“ schreiben.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>The option '{name}' is given twice.</source>
        <translation>Die Option „{name}“ ist zweimal angegeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/pretrain.py"/>
        <source>Give it once.</source>
        <translation>Sie nur einmal angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/references.py"/>
        <source>Reference</source>
        <translation>Referenz</translation>
    </message>
    <message>
        <location filename="../algorithms/references.py"/>
        <source>Class field of the reference</source>
        <translation>Klassenfeld der Referenz</translation>
    </message>
    <message>
        <location filename="../algorithms/references.py"/>
        <source>For a reference with features: the field that holds the class, as its name or its map value. Empty: the one by which the layer is styled (categorised).</source>
        <translation>Für eine Referenz mit Objekten: das Feld, das die Klasse enthält, als ihren Namen oder ihren Wert in der Karte. Leer: das, nach dem der Layer (kategorisiert) dargestellt ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/references.py"/>
        <source>Reference '{value}' cannot be opened as a raster or vector layer.</source>
        <translation>Referenz: „{value}“ kann weder als Raster- noch als Vektorlayer geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/references.py"/>
        <source>Choose a class raster, or a layer with points, lines or polygons.</source>
        <translation>Ein Klassenraster oder einen Layer mit Punkten, Linien oder Polygonen wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/references.py"/>
        <source>Choose a reference of the same place.</source>
        <translation>Eine Referenz desselben Ortes wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Scale by mean and deviation</source>
        <translation>Nach Mittelwert und Streuung skalieren</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Scales each band of an image so that its mean ± 3 standard deviations fill 0 to 255, or 0 to 1.</source>
        <translation>Skaliert jeden Kanal eines Bildes so, dass sein Mittelwert ± 3 Standardabweichungen 0 bis 255 oder 0 bis 1 füllt.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>&lt;p&gt;Mean and standard deviation are those of all valid pixels of the whole image. Values beyond the range become its ends. For fine-tuning and classifying, images need not be scaled: that is part of every checkpoint. This is for other programs, for mosaics and for looking.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Mittelwert und Standardabweichung sind die aller gültigen Pixel des ganzen Bildes. Werte jenseits des Bereichs werden zu seinen Enden. Zum Feinabstimmen und Klassifizieren müssen Bilder nicht skaliert werden: Das gehört zu jedem Checkpoint. Dies ist für andere Programme, für Mosaike und zum Ansehen.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <location filename="../ui/stack_table.py"/>
        <location filename="../ui/training/examples.py"/>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>A raster file with any bands and values.</source>
        <translation>Eine Rasterdatei mit beliebigen Kanälen und Werten.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Standard deviations</source>
        <translation>Standardabweichungen</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>How many standard deviations on either side of the mean become the ends of the range.</source>
        <translation>Wie viele Standardabweichungen zu beiden Seiten des Mittelwerts die Enden des Bereichs werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Statistics of another image</source>
        <translation>Statistik eines anderen Bildes</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>A file with statistics that this algorithm has written before, so that both images are scaled alike. Bands are matched by their names, or by position. Empty: this image's own.</source>
        <translation>Eine Datei mit Statistik, die dieser Algorithmus zuvor geschrieben hat, damit beide Bilder gleich skaliert werden. Kanäle werden nach ihren Namen oder ihrer Stelle zugeordnet. Leer: die des Bildes selbst.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Interpolate up to pixels</source>
        <translation>Interpolieren höchstens über (Pixel)</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>How far from a missing value the pixels may lie that it is interpolated from.</source>
        <translation>Wie weit von einem fehlenden Wert die Pixel liegen dürfen, aus denen er interpoliert wird.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Scaled image</source>
        <translation>Skaliertes Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>The scaled image, a GeoTIFF with the bands of the input. In 8 bits, 0 stands for missing values where there are any, and the lowest value is 1.</source>
        <translation>Das skalierte Bild, ein GeoTIFF mit den Kanälen der Eingabe. In 8 Bit steht 0 für fehlende Werte, wo es welche gibt, und der niedrigste Wert ist 1.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Mean, standard deviation, number, least and largest value of each band, to scale other images with.</source>
        <translation>Mittelwert, Standardabweichung, Anzahl, kleinster und größter Wert jedes Kanals, um andere Bilder damit zu skalieren.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Range</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>What the values are scaled to.</source>
        <translation>Worauf die Werte skaliert werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Data type</source>
        <translation>Datentyp</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Type of the values that are written. The range 0-1 needs 'float32'.</source>
        <translation>Typ der Werte, die geschrieben werden. Der Bereich 0-1 braucht „float32“.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Missing values</source>
        <translation>Fehlende Werte</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Whether missing values stay missing, or are interpolated from the pixels around them.</source>
        <translation>Ob fehlende Werte fehlen bleiben oder aus den Pixeln um sie herum interpoliert werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Outliers</source>
        <translation>Ausreißer</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>'clip' makes values beyond the range its ends. 'remove' takes them for missing and measures mean and deviation again without them.</source>
        <translation>„clip“ macht Werte jenseits des Bereichs zu seinen Enden. „remove“ behandelt sie als fehlend und misst Mittelwert und Streuung ohne sie neu.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>The statistics '{path}' do not exist.</source>
        <translation>Die Statistik „{path}“ existiert nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Choose an existing file.</source>
        <translation>Eine vorhandene Datei wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/scale_3sigma.py"/>
        <source>Scaled</source>
        <translation>Skaliert</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Optical image</source>
        <translation>Optisches Bild</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>A raster file with Sentinel-2, Landsat, aerial or other optical bands. It may be left empty if a radar image is given. Its grid becomes the grid of the scene.</source>
        <translation>Eine Rasterdatei mit Kanälen von Sentinel-2, Landsat, einem Luftbild oder anderen optischen Aufnahmen. Sie kann leer bleiben, wenn ein Radarbild angegeben ist. Ihr Gitter wird das Gitter der Szene.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Radar image (SAR)</source>
        <translation>Radarbild (SAR)</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>A raster file with Sentinel-1 backscatter, VV and VH or VV alone. It may be left empty if an optical image is given. Its resolution, extent and coordinate system may differ from the optical image's.</source>
        <translation>Eine Rasterdatei mit Rückstreuung von Sentinel-1, VV und VH oder nur VV. Sie kann leer bleiben, wenn ein optisches Bild angegeben ist. Auflösung, Ausdehnung und Koordinatensystem können vom optischen Bild abweichen.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Embeddings</source>
        <translation>Embeddings</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>A raster file with features that an encoder has computed before: AlphaEarth's or Tessera's embeddings, or what 'Embed an image' wrote. It takes the place of an encoder, alone or together with images.</source>
        <translation>Eine Rasterdatei mit Merkmalen, die ein Encoder zuvor berechnet hat: Embeddings von AlphaEarth oder Tessera oder was „Embeddings eines Bildes berechnen“ geschrieben hat. Sie tritt an die Stelle eines Encoders, allein oder zusammen mit Bildern.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Kind of embeddings</source>
        <translation>Art der Embeddings</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Whose embeddings they are, which decides how stored codes become numbers. 'auto' looks at band descriptions, file name and number of bands.</source>
        <translation>Wessen Embeddings es sind; davon hängt ab, wie gespeicherte Codes zu Zahlen werden. „auto“ sieht auf Kanalbeschreibungen, Dateinamen und Zahl der Kanäle.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Optical sensor</source>
        <translation>Optischer Sensor</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>What the bands of the optical image are. 'auto' looks at band descriptions, file name and number of bands; 'generic' takes any bands as they are.</source>
        <translation>Was die Kanäle des optischen Bildes sind. „auto“ sieht auf Kanalbeschreibungen, Dateinamen und Zahl der Kanäle; „generic“ nimmt beliebige Kanäle, wie sie sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Radar units</source>
        <translation>Radar-Einheiten</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Whether backscatter is stored in decibels (mostly negative numbers) or as linear power (small positive numbers). 'auto' tells them apart by their values.</source>
        <translation>Ob die Rückstreuung in Dezibel (meist negative Zahlen) oder als lineare Leistung (kleine positive Zahlen) gespeichert ist. „auto“ unterscheidet sie an ihren Werten.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Only needed where the file does not name its bands, or names them wrongly: one name for each band, in the order of the file, separated by commas, such as {example}; '{unused}' for a band to leave out. Empty: as the layer says, or the file.</source>
        <translation>Nur nötig, wo die Datei ihre Kanäle nicht oder falsch benennt: ein Name je Kanal, in der Reihenfolge der Datei, durch Kommas getrennt, etwa {example}; „{unused}“ für einen Kanal, der wegbleibt. Leer: wie im Layer oder in der Datei angegeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Band names of the optical image</source>
        <translation>Kanalnamen des optischen Bildes</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Band names of the radar image</source>
        <translation>Kanalnamen des Radarbildes</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Units of the optical image</source>
        <translation>Einheiten des optischen Bildes</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Of Sentinel-2: whether values are reflectance × 10 000 ('dn') or from 0 to 1 ('reflectance'). 'auto' tells them apart by their values. Other sensors are taken as they are.</source>
        <translation>Bei Sentinel-2: ob die Werte Reflektanz × 10 000 sind („dn“) oder von 0 bis 1 reichen („reflectance“). „auto“ unterscheidet sie an ihren Werten. Andere Sensoren werden genommen, wie sie sind.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Offset of the optical image</source>
        <translation>Offset des optischen Bildes</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Of Sentinel-2: the number that stands for zero reflectance, 1000 in products since 2022 (processing baseline 04.00), else 0. Empty: as the layer says, or found in the values.</source>
        <translation>Bei Sentinel-2: die Zahl, die für Reflektanz null steht; 1000 in Produkten seit 2022 (Processing Baseline 04.00), sonst 0. Leer: wie im Layer angegeben oder an den Werten erkannt.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Choose an optical image, a radar image, or both.</source>
        <translation>Ein optisches Bild, ein Radarbild oder beide wählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>{title} '{value}' cannot be opened as a raster.</source>
        <translation>{title}: „{value}“ kann nicht als Raster geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/scene.py"/>
        <source>Layers '{first}' and '{second}' do not overlap.</source>
        <translation>Die Layer „{first}“ und „{second}“ überlappen sich nicht.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Sketch a map</source>
        <translation>Karte skizzieren</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Shows in seconds what map the labels drawn so far would give on a part of an image.</source>
        <translation>Zeigt in Sekunden, welche Karte die bisher gezeichneten Labels in einem Teil eines Bildes ergäben.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>&lt;p&gt;This is what the LandSketch dock runs whenever a label changes. The features of the encoder are computed once for each place and kept on disk, so later sketches of it only fit the classifier. The map is the one that 'Fine-tune a classifier' (frozen) and 'Classify an image' give with the same labels.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Das führt das Bedienfeld von LandSketch aus, sobald sich ein Label ändert. Die Merkmale des Encoders werden für jeden Ort einmal berechnet und auf dem Datenträger aufbewahrt, sodass spätere Skizzen davon nur noch den Klassifikator anpassen. Die Karte ist die, die „Klassifikator feinabstimmen“ (frozen) und „Bild klassifizieren“ mit denselben Labels ergeben.&lt;/p&gt;</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The part of the image that is sketched: drawn, that of a layer or of the map on screen, or typed; without a coordinate system in that of the project. Of a large one, and of the whole image if it is empty, the middle is shown.</source>
        <translation>Der Teil des Bildes, der skizziert wird: gezeichnet, der eines Layers oder des Kartenfensters, oder eingetippt; ohne Koordinatensystem in dem des Projekts. Von einem großen, und wenn nichts angegeben ist vom ganzen Bild, wird die Mitte gezeigt.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The layer with the drawn labels, in any coordinate system; unsaved edits count too.</source>
        <translation>Der Layer mit den gezeichneten Labels, in beliebigem Koordinatensystem; auch nicht gespeicherte Änderungen zählen.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The encoder whose features are classified: a .safetensors file of LandSketch, an encoder or a classifier, whose encoder is taken; or published weights (.pt, .pth, .ckpt). Empty: the default encoder.</source>
        <translation>Der Encoder, dessen Merkmale klassifiziert werden: eine .safetensors-Datei von LandSketch, ein Encoder oder ein Klassifikator, dessen Encoder genommen wird; oder veröffentlichte Gewichte (.pt, .pth, .ckpt). Leer: der Standard-Encoder.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Number of places to suggest</source>
        <translation>Anzahl vorzuschlagender Orte</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>How many places to label next are suggested, if they are written to a file at all.</source>
        <translation>Wie viele Orte für die nächsten Labels vorgeschlagen werden, wenn sie überhaupt in eine Datei geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The same seed, image and labels give the same map; change it to see how much depends on chance.</source>
        <translation>Derselbe Startwert gibt mit demselben Bild und denselben Labels dieselbe Karte; ein anderer zeigt, wie viel vom Zufall abhängt.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Most pixels along a side</source>
        <translation>Höchstzahl an Pixeln je Seite</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Of larger parts of an image, only so many pixels around the middle are shown, so that it stays fast.</source>
        <translation>Von größeren Teilen eines Bildes werden nur so viele Pixel um die Mitte gezeigt, damit es schnell bleibt.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Where features are kept from sketch to sketch. Empty: a folder of your own, shared by all projects.</source>
        <translation>Wo Merkmale von Skizze zu Skizze aufbewahrt werden. Leer: ein eigener Ordner, den alle Projekte gemeinsam nutzen.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Most megabytes of features</source>
        <translation>Höchstzahl an Megabyte für Merkmale</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Above this, the features that were not used for longest are deleted. 0: nothing is kept.</source>
        <translation>Darüber hinaus werden die am längsten nicht benutzten Merkmale gelöscht. 0: Nichts wird aufbewahrt.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The map of the part that is shown, a GeoTIFF with one class value per pixel; 0 is no data.</source>
        <translation>Die Karte des gezeigten Teils, ein GeoTIFF mit einem Klassenwert je Pixel; 0 ist der Leerwert.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The probability of each pixel's class, from 0 to 1.</source>
        <translation>Die Wahrscheinlichkeit der Klasse jedes Pixels, von 0 bis 1.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>How far the probability of each pixel's class is above that of the next one; small is in doubt.</source>
        <translation>Wie weit die Wahrscheinlichkeit der Klasse jedes Pixels über der der nächsten liegt; wenig heißt zweifelhaft.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Places to label next</source>
        <translation>Orte für die nächsten Labels</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Points where a label would help most: in doubt, apart from each other, and of all classes of the map.</source>
        <translation>Punkte, an denen ein Label am meisten helfen würde: zweifelhaft, voneinander entfernt und aus allen Klassen der Karte.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>A checkpoint for 'Classify an image' that classifies as the preview does.</source>
        <translation>Ein Checkpoint für „Bild klassifizieren“, der wie die Vorschau klassifiziert.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Share of held-out labels that get their class</source>
        <translation>Anteil der zurückgehaltenen Labels, die ihre Klasse bekommen</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Lower end of its 95 % interval</source>
        <translation>Unteres Ende seines 95-%-Intervalls</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>Upper end of its 95 % interval</source>
        <translation>Oberes Ende seines 95-%-Intervalls</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <source>The style could not be saved beside the rasters.</source>
        <translation>Der Stil konnte nicht neben den Rastern gespeichert werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/sketch.py"/>
        <location filename="../ui/dock/preview.py"/>
        <source>Sketch</source>
        <translation>Skizze</translation>
    </message>
    <message>
        <location filename="../algorithms/sources.py"/>
        <source>Layer '{layer}' comes from the provider '{provider}'; a raster file is expected.</source>
        <translation>Layer „{layer}“ kommt vom Datenanbieter „{provider}“; erwartet wird eine Rasterdatei.</translation>
    </message>
    <message>
        <location filename="../algorithms/sources.py"/>
        <source>Save it as a GeoTIFF first (right-click ▸ Export ▸ Save As, raw data).</source>
        <translation>Zuerst als GeoTIFF speichern (Rechtsklick ▸ Exportieren ▸ Speichern als, Rasterrohdaten).</translation>
    </message>
    <message>
        <location filename="../algorithms/sources.py"/>
        <source>Layer '{layer}' lies only in the memory of QGIS.</source>
        <translation>Layer „{layer}“ liegt nur im Speicher von QGIS.</translation>
    </message>
    <message>
        <location filename="../algorithms/sources.py"/>
        <source>Save it to a file.</source>
        <translation>In eine Datei speichern.</translation>
    </message>
    <message>
        <location filename="../algorithms/sources.py"/>
        <source>The file of layer '{layer}' cannot be opened: {path}</source>
        <translation>Die Datei des Layers „{layer}“ kann nicht geöffnet werden: {path}</translation>
    </message>
    <message>
        <location filename="../algorithms/sources.py"/>
        <source>Was it moved, renamed or deleted? Add the layer anew.</source>
        <translation>Wurde sie verschoben, umbenannt oder gelöscht? Den Layer neu hinzufügen.</translation>
    </message>
    <message>
        <location filename="../algorithms/stack_layers.py"/>
        <source>Footprints of {stack}</source>
        <translation>Umrisse von {stack}</translation>
    </message>
    <message>
        <location filename="../algorithms/stack_scenes.py"/>
        <source>A .json file that 'Build a time stack' wrote. Its dates are learned from one by one, as a series of one place, each optical image together with the radar image of the nearest date; what its cloud masks hide is left out. With the network 'two-branch' its optical dates are the series beside each optical image.</source>
        <translation>Eine .json-Datei, die „Zeitstapel zusammenstellen“ geschrieben hat. Aus ihren Terminen wird einzeln gelernt, als Zeitreihe eines Ortes, aus jedem optischen Bild zusammen mit dem Radarbild des nächsten Termins; was seine Wolkenmasken verdecken, bleibt außer Betracht. Mit dem Netz „two-branch“ sind seine optischen Termine die Zeitreihe neben jedem optischen Bild.</translation>
    </message>
    <message>
        <location filename="../algorithms/stack_scenes.py"/>
        <source>Time stack '{stack}' holds radar images only.</source>
        <translation>Zeitstapel „{stack}“ enthält nur Radarbilder.</translation>
    </message>
    <message>
        <location filename="../algorithms/stack_scenes.py"/>
        <source>Give one with optical images.</source>
        <translation>Einen mit optischen Bildern angeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/stacks.py"/>
        <source>Images of many dates as one input: a .json file that 'Build a time stack' wrote, or another STAC ItemCollection. It takes the place of the optical and the radar image. Beside an optical image of finer pixels, such as an aerial one, its optical dates are read as a series of their own.</source>
        <translation>Bilder vieler Termine als eine Eingabe: eine .json-Datei, die „Zeitstapel zusammenstellen“ geschrieben hat, oder eine andere STAC ItemCollection. Sie tritt an die Stelle des optischen und des Radarbildes. Neben einem optischen Bild mit feineren Pixeln, etwa einem Luftbild, werden ihre optischen Termine als eigene Zeitreihe gelesen.</translation>
    </message>
    <message>
        <location filename="../algorithms/stacks.py"/>
        <source>Time stack '{stack}' holds radar images only, and a radar image was given as well.</source>
        <translation>Zeitstapel „{stack}“ enthält nur Radarbilder, und es wurde auch ein Radarbild angegeben.</translation>
    </message>
    <message>
        <location filename="../algorithms/stacks.py"/>
        <source>The dates of time stack '{stack}' have no band in common.</source>
        <translation>Die Termine des Zeitstapels „{stack}“ haben keinen Kanal gemeinsam.</translation>
    </message>
    <message>
        <location filename="../algorithms/stacks.py"/>
        <source>Build it anew from images of one sensor.</source>
        <translation>Ihn aus Bildern eines einzigen Sensors neu zusammenstellen.</translation>
    </message>
    <message>
        <location filename="../algorithms/stacks.py"/>
        <source>'{path}' of {date} cannot be opened as a raster.</source>
        <translation>„{path}“ vom {date} kann nicht als Raster geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/stacks.py"/>
        <source>A time stack and its images have to be moved together; build it anew where they lie now.</source>
        <translation>Ein Zeitstapel und seine Bilder müssen zusammen verschoben werden; ihn dort neu zusammenstellen, wo sie jetzt liegen.</translation>
    </message>
    <message>
        <location filename="../algorithms/styling.py"/>
        <source>{kind} of {image}</source>
        <translation>{kind}: {image}</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>Learn to do without each image</source>
        <translation>Lernen, ohne einzelne Bilder auszukommen</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>With several images, such as an optical and a radar one: the classifier also sees labels with one of them hidden, and then classifies scenes that lack it, on clouded days for example. It may become a little less accurate where it has both. The report says how well it does without each.</source>
        <translation>Bei mehreren Bildern, etwa einem optischen und einem Radarbild: Der Klassifikator sieht Labels auch, während eines davon verborgen ist, und klassifiziert dann auch Szenen, denen es fehlt, etwa an bewölkten Tagen. Wo er beide hat, kann er etwas ungenauer werden. Der Bericht sagt, wie gut er ohne jedes davon ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <location filename="../ui/training/details.py"/>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>What training makes small (not 'frozen'). 'focal' looks more at pixels that are still wrong; 'dice' compares whole regions and needs areas that are labelled densely, not scribbles.</source>
        <translation>Was das Training klein macht (nicht „frozen“). „focal“ achtet mehr auf Pixel, die noch falsch sind; „dice“ vergleicht ganze Flächen und braucht Gebiete mit dichten Labels, keine Striche.</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>Variations</source>
        <translation>Variationen</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>How labelled windows are varied at random while training (not 'frozen'). 'turns' flips and turns them by quarters; 'geometry' also turns them by any angle and enlarges or reduces them; 'full' also hides bands, dates and images, and adds speckle to radar. None of them changes how bright a class is.</source>
        <translation>Wie Fenster mit Labels beim Training zufällig verändert werden (nicht „frozen“). „turns“ spiegelt sie und dreht sie um Vielfache von 90°; „geometry“ dreht sie auch um beliebige Winkel, vergrößert oder verkleinert sie; „full“ verbirgt außerdem Kanäle, Termine und Bilder und fügt Radar Speckle hinzu. Keines davon ändert, wie hell eine Klasse ist.</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>Layer-wise learning rate</source>
        <translation>Lernrate je Schicht</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>For 'last' and 'full': by which factor each stage of the encoder learns more slowly than the next one. 1: all alike. Less keeps more of what the first stages have learned; 0.75 is usual.</source>
        <translation>Bei „last“ und „full“: um welchen Faktor jede Stufe des Encoders langsamer lernt als die nächste. 1: alle gleich. Weniger bewahrt mehr von dem, was die ersten Stufen gelernt haben; 0.75 ist üblich.</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>Rank of low-rank training</source>
        <translation>Rang des Low-Rank-Trainings</translation>
    </message>
    <message>
        <location filename="../algorithms/training.py"/>
        <source>For 'lora': how much can be added to each layer of the encoder. More needs more labels.</source>
        <translation>Bei „lora“: wie viel jeder Schicht des Encoders hinzugefügt werden kann. Mehr braucht mehr Labels.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Raster layers of one kind, such as Sentinel-2. No labels are needed.</source>
        <translation>Rasterlayer einer Art, etwa Sentinel-2. Labels sind nicht nötig.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Folder with optical images</source>
        <translation>Ordner mit optischen Bildern</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>All .tif, .tiff, .vrt and .jp2 files in this folder are learned from as well.</source>
        <translation>Aus allen .tif-, .tiff-, .vrt- und .jp2-Dateien in diesem Ordner wird ebenfalls gelernt.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Radar images (SAR)</source>
        <translation>Radarbilder (SAR)</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Raster layers with Sentinel-1 backscatter. Each optical image is paired with the radar image of the same file name, or of the same date and tile in the name, or else with the one of the same place whose date is nearest; the log tells the pairs. Others are learned from on their own, where the method can.</source>
        <translation>Rasterlayer mit Rückstreuung von Sentinel-1. Jedes optische Bild gehört zum Radarbild desselben Dateinamens oder mit demselben Datum und derselben Kachel im Namen, sonst zu dem desselben Ortes, dessen Datum am nächsten ist; das Protokoll nennt die Paare. Aus den übrigen wird für sich gelernt, wo das Verfahren es kann.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>The images in this folder are taken as radar images as well.</source>
        <translation>Auch die Bilder in diesem Ordner werden als Radarbilder genommen.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Whether the folders inside the given ones are looked through, too.</source>
        <translation>Ob auch die Ordner innerhalb der angegebenen durchsucht werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>For distillation only: rasters with the features of another encoder, such as 'Embed an image' writes. Each image is paired with the raster that covers most of it.</source>
        <translation>Nur für Distillation: Raster mit den Merkmalen eines anderen Encoders, wie „Embeddings eines Bildes berechnen“ sie schreibt. Jedes Bild gehört zu dem Raster, das am meisten davon abdeckt.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Images of one place are a time series</source>
        <translation>Bilder eines Ortes sind eine Zeitreihe</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Whether images that show mostly the same ground are taken as dates of one place, in the order of the dates in their file names (such as 20240713) or tags; the log tells which. STMIM learns from it what stays the same; all methods then see each place as often as another, however many dates it has.</source>
        <translation>Ob Bilder, die überwiegend dasselbe Gebiet zeigen, als Termine eines Ortes genommen werden, in der Reihenfolge der Daten in ihren Dateinamen (etwa 20240713) oder Metadaten; das Protokoll sagt, welche. STMIM lernt daraus, was gleich bleibt; alle Verfahren sehen dann jeden Ort gleich oft, wie viele Termine er auch hat.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Scenes on their own: {scenes}.</source>
        <translation>Szenen für sich: {scenes}.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>A time series of {n} dates: {scenes}.</source>
        <translation>Eine Zeitreihe von {n} Terminen: {scenes}.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Not all of them say when they were taken; those that do not come first, in the order of names.</source>
        <translation>Nicht alle sagen, wann sie aufgenommen wurden; die es nicht sagen, kommen zuerst, in der Reihenfolge der Namen.</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>time stack {name} ({n} dates)</source>
        <translation>Zeitstapel {name} ({n} Termine)</translation>
    </message>
    <message>
        <location filename="../algorithms/training_scenes.py"/>
        <source>Give both images of a pair the same file name, or dates (such as 20240713).</source>
        <translation>Beiden Bildern eines Paares denselben Dateinamen oder Daten (etwa 20240713) geben.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>Layer '{image}' has no coordinate system, so no rectangle can be laid over it.</source>
        <translation>Layer „{image}“ hat kein Koordinatensystem; deshalb kann kein Rechteck darübergelegt werden.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>The rectangle ({bounds}, {crs}) does not lie on '{image}'.</source>
        <translation>Das Rechteck ({bounds}, {crs}) liegt nicht auf „{image}“.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>Choose one that overlaps the image.</source>
        <translation>Eines wählen, das mit dem Bild überlappt.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>Together with polygons, what lies in both is mapped.</source>
        <translation>Zusammen mit Polygonen wird kartiert, was in beiden liegt.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>Only inside this rectangle</source>
        <translation>Nur innerhalb dieses Rechtecks</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>{title} '{value}' is no rectangle.</source>
        <translation>{title}: „{value}“ ist kein Rechteck.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>Expected a layer, or west, east, south and north as in '600000,610000,5190000,5200000 [EPSG:32632]'.</source>
        <translation>Erwartet werden ein Layer oder West, Ost, Süd und Nord wie in „600000,610000,5190000,5200000 [EPSG:32632]“.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>The polygons cannot be written to the folder of the outputs, '{folder}': {reason}.</source>
        <translation>Die Polygone können nicht in den Ordner der Ausgaben geschrieben werden, „{folder}“: {reason}.</translation>
    </message>
    <message>
        <location filename="../algorithms/where.py"/>
        <source>Choose a folder that the workers see and that you may write to.</source>
        <translation>Einen Ordner wählen, den die Worker sehen und in den Sie schreiben dürfen.</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>Bands and units of {layer}</source>
        <translation>Kanäle und Einheiten von {layer}</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>Back to the &amp;guess</source>
        <translation>Zurück zur &amp;Vermutung</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>{n} of {all} bands used</source>
        <translation>{n} von {all} Kanälen verwendet</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>{n} not used</source>
        <translation>{n} nicht verwendet</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>as you state; the guess is {sensor}</source>
        <translation>wie von Ihnen angegeben; vermutet wird {sensor}</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>this is the guess, by names and order</source>
        <translation>vermutet nach Namen und Reihenfolge</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>Reading a sample of the values …</source>
        <translation>Eine Stichprobe der Werte wird gelesen …</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>&amp;Sensor</source>
        <translation>&amp;Sensor</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>&amp;Bands of the file</source>
        <translation>&amp;Kanäle der Datei</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>&amp;Roles of the sensor: drag bands here</source>
        <translation>&amp;Rollen des Sensors: Kanäle hierher ziehen</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>By keyboard: Alt+Up and Alt+Down move a band to another role, Return chooses, Delete leaves out.</source>
        <translation>Mit der Tastatur: Alt+Auf und Alt+Ab schieben einen Kanal auf eine andere Rolle, die Eingabetaste wählt, Entf lässt weg.</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>Any other image</source>
        <translation>Irgendein anderes Bild</translation>
    </message>
    <message>
        <location filename="../ui/bands/dialog.py"/>
        <source>Any other embeddings</source>
        <translation>Irgendwelche anderen Embeddings</translation>
    </message>
    <message>
        <location filename="../ui/bands/histogram.py"/>
        <source>Histogram of the band</source>
        <translation>Histogramm des Kanals</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>The values cannot be judged: {error}.</source>
        <translation>Die Werte können nicht beurteilt werden: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>No band is used. Give one a role.</source>
        <translation>Es wird kein Kanal verwendet. Einem eine Rolle geben.</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>That can be right over clouds, snow, water or desert; else check its role and units.</source>
        <translation>Über Wolken, Schnee, Wasser oder Wüste kann das richtig sein; sonst seine Rolle und Einheiten prüfen.</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>{share} % of the sampled values of {band} lie outside of what {sensor} usually has over land ({low:g} to {high:g}).</source>
        <translation>{share} % der Werte von {band} in der Stichprobe liegen außerhalb dessen, was {sensor} über Land üblicherweise hat ({low:g} bis {high:g}).</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>Is there no offset in the file?</source>
        <translation>Ist in der Datei kein Offset?</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>Is the offset of {offset:g} still in?</source>
        <translation>Ist der Offset von {offset:g} noch enthalten?</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>This band is not used.</source>
        <translation>Dieser Kanal wird nicht verwendet.</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>Nothing looks wrong. What is usual for this band is not known; its values are read as stored.</source>
        <translation>Nichts sieht falsch aus. Was für diesen Kanal üblich ist, ist nicht bekannt; seine Werte werden wie gespeichert gelesen.</translation>
    </message>
    <message>
        <location filename="../ui/bands/judgement.py"/>
        <source>Nothing looks wrong: {share} % of the sampled values of {band} lie where they usually do.</source>
        <translation>Nichts sieht falsch aus: {share} % der Werte von {band} in der Stichprobe liegen, wo sie es üblicherweise tun.</translation>
    </message>
    <message>
        <location filename="../ui/bands/menu.py"/>
        <source>LandSketch: bands and units…</source>
        <translation>LandSketch: Kanäle und Einheiten…</translation>
    </message>
    <message>
        <location filename="../ui/bands/menu.py"/>
        <location filename="../ui/toolbar.py"/>
        <location filename="../ui/training/training.py"/>
        <source>LandSketch</source>
        <translation>LandSketch</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>No.</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>Band in the file</source>
        <translation>Kanal in der Datei</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>Used as</source>
        <translation>Verwendet als</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>2 %</source>
        <translation>2 %</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>Median</source>
        <translation>Median</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>98 %</source>
        <translation>98 %</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>(no name)</source>
        <translation>(kein Name)</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>not used</source>
        <translation>nicht verwendet</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>Role</source>
        <translation>Rolle</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>µm</source>
        <translation>µm</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <location filename="../ui/checkpoints/table.py"/>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>Band of the file</source>
        <translation>Kanal der Datei</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <location filename="../ui/dock/scene_step.py"/>
        <location filename="../ui/settings/engine_group.py"/>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <location filename="../ui/bands/models.py"/>
        <source>Band {n}</source>
        <translation>Kanal {n}</translation>
    </message>
    <message>
        <location filename="../ui/bands/sample.py"/>
        <source>The values cannot be read: {error}.</source>
        <translation>Die Werte können nicht gelesen werden: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/bands/sample.py"/>
        <source>band {n} is no band of real numbers</source>
        <translation>Kanal {n} enthält keine reellen Zahlen</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>0: none</source>
        <translation>0: keiner</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>&amp;Units in the file</source>
        <translation>&amp;Einheiten in der Datei</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>O&amp;ffset in the file</source>
        <translation>O&amp;ffset in der Datei</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>as stored</source>
        <translation>wie gespeichert</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>found in the values</source>
        <translation>an den Werten erkannt</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>found: {units}</source>
        <translation>erkannt: {units}</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>found: {offset:g}</source>
        <translation>erkannt: {offset:g}</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>reflectance × 10 000</source>
        <translation>Reflektanz × 10 000</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>reflectance from 0 to 1</source>
        <translation>Reflektanz von 0 bis 1</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>decibels (dB)</source>
        <translation>Dezibel (dB)</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>linear power</source>
        <translation>lineare Leistung</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>{offset:g}: products since 2022</source>
        <translation>{offset:g}: Produkte seit 2022</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>band {n}</source>
        <translation>Kanal {n}</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>{band} in the file</source>
        <translation>{band} in der Datei</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>{band} in the file: {units}</source>
        <translation>{band} in der Datei: {units}</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source>{band} as read: {units}</source>
        <translation>{band} wie gelesen: {units}</translation>
    </message>
    <message>
        <location filename="../ui/bands/value_box.py"/>
        <source> (shaded: usual over land)</source>
        <translation> (schattiert: üblich über Land)</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>&amp;Use in the dock</source>
        <translation>Im Bedienfeld &amp;verwenden</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Chooses it in step 3 of the LandSketch dock.</source>
        <translation>Wählt ihn in Schritt 3 des LandSketch-Bedienfelds.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>&amp;Fine-tune…</source>
        <translation>&amp;Feinabstimmen…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Opens the dialog that trains it further.</source>
        <translation>Öffnet den Dialog, der ihn weiter trainiert.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>C&amp;lassify…</source>
        <translation>&amp;Klassifizieren…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Opens the dialog that makes a map with it.</source>
        <translation>Öffnet den Dialog, der eine Karte damit erstellt.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>E&amp;xport ONNX…</source>
        <translation>ONNX e&amp;xportieren…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>For other programs, and without PyTorch.</source>
        <translation>Für andere Programme, und ohne PyTorch.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>S&amp;how in folder</source>
        <translation>Im Ordner &amp;zeigen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Opens the folder that the file lies in.</source>
        <translation>Öffnet den Ordner, in dem die Datei liegt.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>&amp;Open its page</source>
        <translation>S&amp;eite öffnen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Do&amp;wnload</source>
        <translation>Her&amp;unterladen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Download the file there, and import it.</source>
        <translation>Dort die Datei herunterladen und importieren.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Fetches it into the folder below.</source>
        <translation>Holt ihn in den Ordner unten.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>Take &amp;off the list…</source>
        <translation>Von der &amp;Liste nehmen…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/actions.py"/>
        <source>&amp;Delete…</source>
        <translation>Lös&amp;chen…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_panel.py"/>
        <source>Card of the selected checkpoint</source>
        <translation>Steckbrief des gewählten Checkpoints</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_panel.py"/>
        <source>Select a checkpoint to see its card.</source>
        <translation>Einen Checkpoint wählen, um seinen Steckbrief zu sehen.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>It cannot be used.</source>
        <translation>Er kann nicht verwendet werden.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Where it is used</source>
        <translation>Wo er verwendet wird</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Nowhere that LandSketch knows of.</source>
        <translation>Nirgends, soweit LandSketch weiß.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>All that the card says…</source>
        <translation>Alles, was der Steckbrief sagt…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>It knows the dock's choice, the rasters of this project that were made with LandSketch, and the checkpoints of this list.</source>
        <translation>Es kennt die Wahl im Bedienfeld, die mit LandSketch erstellten Raster dieses Projekts und die Checkpoints dieser Liste.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/checkpoints/dialog.py"/>
        <location filename="../ui/checkpoints/table.py"/>
        <location filename="../ui/training/run_list.py"/>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/training/run_list.py"/>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/checkpoints/table.py"/>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/checkpoints/table.py"/>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Paper</source>
        <translation>Artikel</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>to be downloaded by hand, and then imported</source>
        <translation>von Hand herunterzuladen und dann zu importieren</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>{state}, kept elsewhere and listed here</source>
        <translation>{state}, anderswo aufbewahrt und hier aufgelistet</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/dock/class_table.py"/>
        <location filename="../ui/training/run_list.py"/>
        <source>Held out</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Made from</source>
        <translation>Entstanden aus</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Published at</source>
        <translation>Veröffentlicht unter</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>Tiles</source>
        <translation>Kacheln</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>{tile} × {tile} pixels, and {halo} more at each side</source>
        <translation>{tile} × {tile} Pixel, und {halo} weitere auf jeder Seite</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>{names} and {n} more</source>
        <translation>{names} und {n} weitere</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/training/words.py"/>
        <source>overall accuracy</source>
        <translation>Gesamtgenauigkeit</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <location filename="../ui/training/words.py"/>
        <source>macro F1</source>
        <translation>Makro-F1</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>mean IoU</source>
        <translation>mittlere IoU</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/card_text.py"/>
        <source>mean average precision</source>
        <translation>mittlere Average Precision</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>Take '{name}' off this list?</source>
        <translation>„{name}“ von dieser Liste nehmen?</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>The file stays: {path}</source>
        <translation>Die Datei bleibt: {path}</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>Move '{name}' to the trash?</source>
        <translation>„{name}“ in den Papierkorb verschieben?</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>It is used:</source>
        <translation>Er wird verwendet:</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>A job uses '{name}' now.</source>
        <translation>Ein Auftrag verwendet „{name}“ gerade.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>Wait for its end, or cancel it.</source>
        <translation>Sein Ende abwarten oder ihn abbrechen.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>'{path}' cannot be deleted: {error}.</source>
        <translation>„{path}“ kann nicht gelöscht werden: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/deleting.py"/>
        <source>Close what has opened it, or delete it yourself.</source>
        <translation>Schließen, was ihn geöffnet hat, oder ihn selbst löschen.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>The dock is set to the default encoder: this one, for Sentinel-1 and Sentinel-2.</source>
        <translation>Das Bedienfeld steht auf dem Standard-Encoder: diesem, für Sentinel-1 und Sentinel-2.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>It is chosen in the dock.</source>
        <translation>Er ist im Bedienfeld gewählt.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>'{path}' lies in the folder already.</source>
        <translation>„{path}“ liegt schon im Ordner.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>'{name}' cannot be moved to the trash. Delete it for good?</source>
        <translation>„{name}“ kann nicht in den Papierkorb verschoben werden. Endgültig löschen?</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>'{name}' is gone from here.</source>
        <translation>„{name}“ ist hier nicht mehr.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>The folder '{folder}' cannot be made: {error}.</source>
        <translation>Der Ordner „{folder}“ kann nicht angelegt werden: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>Name, sensor, licence, method, class…</source>
        <translation>Name, Sensor, Lizenz, Verfahren, Klasse…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>All states</source>
        <translation>Alle Zustände</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>&amp;Search</source>
        <translation>&amp;Suche</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/dialog.py"/>
        <source>F&amp;older</source>
        <translation>Ordne&amp;r</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>bundled</source>
        <translation>mitgeliefert</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>local</source>
        <translation>lokal</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>unreadable</source>
        <translation>unlesbar</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>missing</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>downloadable</source>
        <translation>verfügbar</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>encoder</source>
        <translation>Encoder</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>patch classifier</source>
        <translation>Klassifikator für Bildausschnitte</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>clusters</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>classifier</source>
        <translation>Klassifikator</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>{kind} (ONNX)</source>
        <translation>{kind} (ONNX)</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>any {role} sensor</source>
        <translation>beliebiger Sensor ({role})</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>any raster</source>
        <translation>beliebiges Raster</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/entries.py"/>
        <source>generic raster</source>
        <translation>allgemeines Raster</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/import_menu.py"/>
        <source>&amp;Import</source>
        <translation>&amp;Importieren</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/import_menu.py"/>
        <source>&amp;Published encoder…</source>
        <translation>&amp;Veröffentlichter Encoder…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/import_menu.py"/>
        <source>&amp;Copy a LandSketch checkpoint into the folder…</source>
        <translation>LandSketch-Checkpoint in den Ordner &amp;kopieren…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/import_menu.py"/>
        <source>&amp;List a LandSketch checkpoint where it is…</source>
        <translation>LandSketch-Checkpoint &amp;auflisten, wo er liegt…</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/import_menu.py"/>
        <source>Choose a checkpoint</source>
        <translation>Checkpoint wählen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/reading.py"/>
        <source>The checkpoints cannot be read: {error}.</source>
        <translation>Die Checkpoints können nicht gelesen werden: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/reading.py"/>
        <source>There is no such file any more.</source>
        <translation>Diese Datei gibt es nicht mehr.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/table.py"/>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/table.py"/>
        <source>Sensors (bands)</source>
        <translation>Sensoren (Kanäle)</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/table.py"/>
        <source>by hand</source>
        <translation>von Hand</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/usage.py"/>
        <source>Layer '{layer}' was made with an earlier state of this file.</source>
        <translation>Layer „{layer}“ wurde mit einem früheren Stand dieser Datei erstellt.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/usage.py"/>
        <source>Layer '{layer}' was made with it, as a member of an ensemble of {n}.</source>
        <translation>Layer „{layer}“ wurde damit erstellt, in einem Ensemble von {n}.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/usage.py"/>
        <source>Layer '{layer}' was made with it.</source>
        <translation>Layer „{layer}“ wurde damit erstellt.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/usage.py"/>
        <source>Imported as '{name}'.</source>
        <translation>Importiert als „{name}“.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/usage.py"/>
        <source>'{name}' was exported from a checkpoint of this name.</source>
        <translation>„{name}“ wurde aus einem Checkpoint dieses Namens exportiert.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/usage.py"/>
        <source>'{name}' was made from a checkpoint of this name.</source>
        <translation>„{name}“ entstand aus einem Checkpoint dieses Namens.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work.py"/>
        <source>Downloading {name} …</source>
        <translation>{name} wird heruntergeladen …</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work.py"/>
        <source>LandSketch: download {name}</source>
        <translation>LandSketch: {name} herunterladen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work.py"/>
        <source>The download failed; the log messages say why.</source>
        <translation>Das Herunterladen ist fehlgeschlagen; die Protokollmeldungen sagen, warum.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work.py"/>
        <source>LandSketch: copy a checkpoint</source>
        <translation>LandSketch: Checkpoint kopieren</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work.py"/>
        <source>'{path}' cannot be copied: {error}.</source>
        <translation>„{path}“ kann nicht kopiert werden: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work.py"/>
        <source>Copying {name} …</source>
        <translation>{name} wird kopiert …</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work_bar.py"/>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work_bar.py"/>
        <source>Ca&amp;ncel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work_bar.py"/>
        <source>'{name}' is there.</source>
        <translation>„{name}“ ist da.</translation>
    </message>
    <message>
        <location filename="../ui/checkpoints/work_bar.py"/>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_styles.py"/>
        <source>Class {n}</source>
        <translation>Klasse {n}</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <location filename="../ui/dock/map_step.py"/>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Labels that the last sketch has held out, in rounds: it is fitted without them and asked what they are. This is what the estimated accuracy tells. The map itself learns from all labels.</source>
        <translation>Labels, die die letzte Skizze reihum zurückgehalten hat: Sie wird ohne sie angepasst und gefragt, was sie sind. Das sagt die geschätzte Genauigkeit. Die Karte selbst lernt aus allen Labels.</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Draw '{name}' on the map</source>
        <translation>„{name}“ auf der Karte zeichnen</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Colour of '{name}'</source>
        <translation>Farbe von „{name}“</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>The next sketch tells.</source>
        <translation>Die nächste Skizze sagt es.</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>Never held out: without a class's only label, nothing would be learned of it.</source>
        <translation>Nie zurückgehalten: Ohne das einzige Label einer Klasse würde nichts über sie gelernt.</translation>
    </message>
    <message>
        <location filename="../ui/dock/class_table.py"/>
        <source>{n} of {count} labels were held out, in {k} rounds: {rounds}.</source>
        <translation>{n} von {count} Labels wurden zurückgehalten, in {k} Runden: {rounds}.</translation>
    </message>
    <message>
        <location filename="../ui/dock/dock.py"/>
        <source>Hide or show the preview</source>
        <translation>Vorschau aus- oder einblenden</translation>
    </message>
    <message>
        <location filename="../ui/dock/dock.py"/>
        <source>The command is on the clipboard.</source>
        <translation>Der Befehl ist in der Zwischenablage.</translation>
    </message>
    <message>
        <location filename="../ui/dock/dock.py"/>
        <source>Sketching …</source>
        <translation>Es wird skizziert …</translation>
    </message>
    <message>
        <location filename="../ui/dock/dock.py"/>
        <source>There is no sketch yet.</source>
        <translation>Es gibt noch keine Skizze.</translation>
    </message>
    <message>
        <location filename="../ui/dock/dock.py"/>
        <location filename="../ui/dock/map_step.py"/>
        <source>Switch the live preview on.</source>
        <translation>Die Live-Vorschau einschalten.</translation>
    </message>
    <message>
        <location filename="../ui/dock/dock.py"/>
        <source>Sketched in {seconds:.1f} s from {n} labels of {k} classes</source>
        <translation>In {seconds:.1f} s aus {n} Labels von {k} Klassen skizziert</translation>
    </message>
    <message>
        <location filename="../ui/dock/label_layers.py"/>
        <source>The classes of layer '{layer}' come from an expression, which cannot be drawn.</source>
        <translation>Die Klassen des Layers „{layer}“ kommen aus einem Ausdruck; diese lassen sich nicht zeichnen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/label_layers.py"/>
        <source>Style it by a field, or draw in QGIS's own way.</source>
        <translation>Ihn nach einem Feld darstellen oder mit den Werkzeugen von QGIS zeichnen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/label_layers.py"/>
        <location filename="../ui/dock/places.py"/>
        <source>Layer '{layer}' cannot be edited.</source>
        <translation>Layer „{layer}“ kann nicht bearbeitet werden.</translation>
    </message>
    <message>
        <location filename="../ui/dock/label_layers.py"/>
        <source>Save it as a GeoPackage (right-click ▸ Export), and choose that one.</source>
        <translation>Als GeoPackage speichern (Rechtsklick ▸ Exportieren) und dieses wählen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/label_layers.py"/>
        <source>The label layer '{path}' cannot be written: {problem}.</source>
        <translation>Der Label-Layer „{path}“ kann nicht geschrieben werden: {problem}.</translation>
    </message>
    <message>
        <location filename="../ui/dock/label_layers.py"/>
        <source>Choose another folder or name.</source>
        <translation>Einen anderen Ordner oder Namen wählen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>2  Classes and labels</source>
        <translation>2  Klassen und Labels</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>&amp;Add class</source>
        <translation>Klasse hin&amp;zufügen</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>R&amp;emove class</source>
        <translation>Klasse en&amp;tfernen</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>There is no label layer.</source>
        <translation>Es gibt keinen Label-Layer.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Make one, or choose an existing one.</source>
        <translation>Einen anlegen oder einen vorhandenen wählen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>New label layer</source>
        <translation>Neuer Label-Layer</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>{n} labels of {k} classes</source>
        <translation>{n} Labels von {k} Klassen</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Counting labels …</source>
        <translation>Labels werden gezählt …</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Make a label layer, or choose one.</source>
        <translation>Einen Label-Layer anlegen oder einen wählen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>This layer has no classes yet: choose the field that holds them.</source>
        <translation>Dieser Layer hat noch keine Klassen: das Feld wählen, das sie enthält.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Press a pencil and draw on the map: a few labels of each class.</source>
        <translation>Auf einen Stift drücken und auf der Karte zeichnen: wenige Labels je Klasse.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Draw labels of a second class.</source>
        <translation>Labels einer zweiten Klasse zeichnen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Delete its labels first.</source>
        <translation>Zuerst ihre Labels löschen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Removes the chosen class.</source>
        <translation>Entfernt die gewählte Klasse.</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <location filename="../ui/dock/layer_row.py"/>
        <source>(none)</source>
        <translation>(keiner)</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>La&amp;bels</source>
        <translation>&amp;Labels</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>&amp;New</source>
        <translation>&amp;Neu</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Polygons, in a file…</source>
        <translation>Polygone, in einer Datei…</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Points, in a file…</source>
        <translation>Punkte, in einer Datei…</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Polygons, in memory only</source>
        <translation>Polygone, nur im Speicher</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Points, in memory only</source>
        <translation>Punkte, nur im Speicher</translation>
    </message>
    <message>
        <location filename="../ui/dock/labels_step.py"/>
        <source>Class &amp;field</source>
        <translation>Klassen&amp;feld</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>Fix…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>Bands and units of the layer: {role}</source>
        <translation>Kanäle und Einheiten des Layers: {role}</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>State what the bands of this layer are, and how their values are read.</source>
        <translation>Angeben, was die Kanäle dieses Layers sind und wie ihre Werte gelesen werden.</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>any bands</source>
        <translation>beliebige Kanäle</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>1 band</source>
        <translation>1 Kanal</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>{n} bands</source>
        <translation>{n} Kanäle</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>units found by their values</source>
        <translation>Einheiten an den Werten erkannt</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>offset {offset:g}</source>
        <translation>Offset {offset:g}</translation>
    </message>
    <message>
        <location filename="../ui/dock/layer_row.py"/>
        <source>as you stated</source>
        <translation>wie von Ihnen angegeben</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>4  Map</source>
        <translation>4  Karte</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Li&amp;ve preview of the map on screen</source>
        <translation>Li&amp;ve-Vorschau im Kartenfenster</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Sketches the part of the scene on screen anew whenever labels or the map change.</source>
        <translation>Skizziert den sichtbaren Teil der Szene neu, sobald sich Labels oder Karte ändern.</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Uncertainty</source>
        <translation>Unsicherheit</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>{share:.0f} %</source>
        <translation>{share:.0f} %</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Estimated accuracy {value:.0f} % (95 % interval {low:.0f}–{high:.0f} %)</source>
        <translation>Geschätzte Genauigkeit {value:.0f} % (95-%-Intervall {low:.0f}–{high:.0f} %)</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Hold to see the &amp;image</source>
        <translation>Halten, um das &amp;Bild zu sehen</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Hides the preview as long as the button is held down. {shortcut} hides it, and shows it again.</source>
        <translation>Blendet die Vorschau aus, solange die Schaltfläche gedrückt ist. {shortcut} blendet sie aus und wieder ein.</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Swipe</source>
        <translation>Vergleichslinie</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Draw the line on the map, or move it with the arrow keys (Shift: faster): at the right of it, the image is without preview. Escape ends it.</source>
        <translation>Die Linie auf der Karte ziehen oder mit den Pfeiltasten verschieben (Umschalt: schneller): Rechts von ihr ist das Bild ohne Vorschau. Esc beendet das.</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Cance&amp;l</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>En&amp;gine and devices…</source>
        <translation>Engine und Ger&amp;äte…</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Sho&amp;w</source>
        <translation>Ans&amp;icht</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Opacit&amp;y</source>
        <translation>Deck&amp;kraft</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Map the w&amp;hole image…</source>
        <translation>&amp;Ganzes Bild kartieren…</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Opens 'Classify an image' with what the sketch has learned.</source>
        <translation>Öffnet „Bild klassifizieren“ mit dem, was die Skizze gelernt hat.</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Assess ma&amp;p…</source>
        <translation>Karte be&amp;werten…</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Opens 'Assess a map'.</source>
        <translation>Öffnet „Karte bewerten“.</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>Copy as &amp;qgis_process command</source>
        <translation>Als &amp;qgis_process-Befehl kopieren</translation>
    </message>
    <message>
        <location filename="../ui/dock/map_step.py"/>
        <source>For scripts, servers and colleagues: the same map without a window.</source>
        <translation>Für Skripte, Server und Kolleginnen und Kollegen: dieselbe Karte ohne Fenster.</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>3  Model</source>
        <translation>3  Modell</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>&amp;Default encoder</source>
        <translation>Standar&amp;d-Encoder</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>&amp;Checkpoint</source>
        <translation>&amp;Checkpoint</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>Slower than the live preview, with all choices and a report: opens 'Fine-tune a classifier' with this scene and these labels.</source>
        <translation>Langsamer als die Live-Vorschau, mit allen Wahlmöglichkeiten und Bericht: öffnet „Klassifikator feinabstimmen“ mit dieser Szene und diesen Labels.</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>&amp;Train…</source>
        <translation>Traini&amp;eren…</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>Shows all checkpoints with their cards, and what can be downloaded; choose one there.</source>
        <translation>Zeigt alle Checkpoints mit ihren Steckbriefen und was sich herunterladen lässt; dort einen wählen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>Manage…</source>
        <translation>Verwalten…</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>No checkpoint is chosen.</source>
        <translation>Es ist kein Checkpoint gewählt.</translation>
    </message>
    <message>
        <location filename="../ui/dock/model_step.py"/>
        <source>Choose its file, or the default encoder.</source>
        <translation>Seine Datei oder den Standard-Encoder wählen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/places.py"/>
        <source>Suggested places</source>
        <translation>Vorgeschlagene Orte</translation>
    </message>
    <message>
        <location filename="../ui/dock/places.py"/>
        <source>Layer '{layer}' takes no point and no small square as a label.</source>
        <translation>Layer „{layer}“ nimmt weder einen Punkt noch ein kleines Quadrat als Label an.</translation>
    </message>
    <message>
        <location filename="../ui/dock/places.py"/>
        <source>Choose a layer of points or polygons whose classes are in a field.</source>
        <translation>Einen Layer mit Punkten oder Polygonen wählen, dessen Klassen in einem Feld stehen.</translation>
    </message>
    <message>
        <location filename="../ui/dock/places.py"/>
        <source>Label a suggested place</source>
        <translation>Einem vorgeschlagenen Ort ein Label geben</translation>
    </message>
    <message>
        <location filename="../ui/dock/preview.py"/>
        <source>Confidence of the sketch</source>
        <translation>Konfidenz der Skizze</translation>
    </message>
    <message>
        <location filename="../ui/dock/preview.py"/>
        <source>Uncertainty of the sketch</source>
        <translation>Unsicherheit der Skizze</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>1  Scene</source>
        <translation>1  Szene</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>&amp;Optical, aerial</source>
        <translation>&amp;Optisch, Luftbild</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>A satellite's image, or an aerial one (RGB, with or without infrared).</source>
        <translation>Ein Satellitenbild oder ein Luftbild (RGB, mit oder ohne Infrarot).</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>&amp;Radar (SAR)</source>
        <translation>&amp;Radar (SAR)</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>E&amp;mbeddings</source>
        <translation>E&amp;mbeddings</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>Images of many dates as one input: a .json file that 'Build a time stack' wrote.</source>
        <translation>Bilder vieler Termine als eine Eingabe: eine .json-Datei, die „Zeitstapel zusammenstellen“ geschrieben hat.</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>Time stac&amp;k</source>
        <translation>Zeitsta&amp;pel</translation>
    </message>
    <message>
        <location filename="../ui/dock/scene_step.py"/>
        <source>{role}: {n} dates, {first} to {last}</source>
        <translation>{role}: {n} Termine, {first} bis {last}</translation>
    </message>
    <message>
        <location filename="../ui/dock/sketch_task.py"/>
        <source>The sketch failed: {error}.</source>
        <translation>Die Skizze ist fehlgeschlagen: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/dock/suggestions.py"/>
        <source>&amp;Suggest {n} places</source>
        <translation>{n} Orte vor&amp;schlagen</translation>
    </message>
    <message>
        <location filename="../ui/dock/suggestions.py"/>
        <source>Points where the sketch is least certain, spread over the map on screen: labels help most there.</source>
        <translation>Punkte, an denen die Skizze am unsichersten ist, über das Kartenfenster verteilt: Dort helfen Labels am meisten.</translation>
    </message>
    <message>
        <location filename="../ui/dock/suggestions.py"/>
        <source>◀ Previo&amp;us</source>
        <translation>◀ Z&amp;urück</translation>
    </message>
    <message>
        <location filename="../ui/dock/suggestions.py"/>
        <source>Ne&amp;xt ▶</source>
        <translation>Näc&amp;hster ▶</translation>
    </message>
    <message>
        <location filename="../ui/dock/suggestions.py"/>
        <source>Place {i} of {n}. The sketch says '{name}', in doubt. What is it?</source>
        <translation>Ort {i} von {n}. Die Skizze sagt „{name}“, ist aber unsicher. Was ist es?</translation>
    </message>
    <message>
        <location filename="../ui/engine_page.py"/>
        <source>The engine is installed and takes {size:.1f} GB.</source>
        <translation>Die Engine ist installiert und belegt {size:.1f} GB.</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Usable</source>
        <translation>Nutzbar</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Why</source>
        <translation>Grund</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>What it offers</source>
        <translation>Was es bietet</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>compute capability {n}</source>
        <translation>Compute Capability {n}</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>{name} with {cores} cores, {usable} of them for LandSketch.</source>
        <translation>{name} mit {cores} Kernen, davon {usable} für LandSketch.</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>{name} with {cores} cores.</source>
        <translation>{name} mit {cores} Kernen.</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Instruction sets: {names}.</source>
        <translation>Befehlssätze: {names}.</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>Not there: {names}.</source>
        <translation>Nicht vorhanden: {names}.</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>✓ yes</source>
        <translation>✓ ja</translation>
    </message>
    <message>
        <location filename="../ui/machine_tables.py"/>
        <source>✗ no</source>
        <translation>✗ nein</translation>
    </message>
    <message>
        <location filename="../ui/settings/background.py"/>
        <source>This failed: {error}.</source>
        <translation>Das ist fehlgeschlagen: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Features kept for sketches</source>
        <translation>Für Skizzen aufbewahrte Merkmale</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Empty: a folder of your own, shared by all projects.</source>
        <translation>Leer: ein eigener Ordner, den alle Projekte gemeinsam nutzen.</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Keep nothing</source>
        <translation>Nichts aufbewahren</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Above this, the features that were not used for longest are deleted.</source>
        <translation>Darüber hinaus werden die am längsten nicht benutzten Merkmale gelöscht.</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Clear…</source>
        <translation>Löschen…</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Clear the features</source>
        <translation>Merkmale löschen</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Delete the features that sketches have left?</source>
        <translation>Die Merkmale löschen, die Skizzen hinterlassen haben?</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Nothing is lost but time: the next sketch of a place computes its features anew.</source>
        <translation>Verloren geht nur Zeit: Die nächste Skizze eines Ortes berechnet seine Merkmale neu.</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Clear</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Measuring …</source>
        <translation>Es wird gemessen …</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Clearing …</source>
        <translation>Es wird gelöscht …</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>{size} are kept now.</source>
        <translation>Zurzeit sind {size} aufbewahrt.</translation>
    </message>
    <message>
        <location filename="../ui/settings/cache_group.py"/>
        <source>Nothing is kept now.</source>
        <translation>Zurzeit ist nichts aufbewahrt.</translation>
    </message>
    <message>
        <location filename="../ui/settings/devices_group.py"/>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <location filename="../ui/settings/devices_group.py"/>
        <source>Check devices</source>
        <translation>Geräte prüfen</translation>
    </message>
    <message>
        <location filename="../ui/settings/devices_group.py"/>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <location filename="../ui/settings/devices_group.py"/>
        <source>Puts it on the clipboard, as text to send to somebody.</source>
        <translation>Legt ihn als Text zum Verschicken in die Zwischenablage.</translation>
    </message>
    <message>
        <location filename="../ui/settings/devices_group.py"/>
        <source>The engine looks at this machine …</source>
        <translation>Die Engine sieht sich diesen Rechner an …</translation>
    </message>
    <message>
        <location filename="../ui/settings/devices_group.py"/>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Lets the engine run in a Python of yours that has its packages.</source>
        <translation>Lässt die Engine in einem eigenen Python laufen, das ihre Pakete hat.</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Install engine…</source>
        <translation>Engine installieren…</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Use LandSketch's own</source>
        <translation>Das von LandSketch verwenden</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>The one that 'Install engine' makes.</source>
        <translation>Das, welches „Engine installieren“ anlegt.</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Open its folder</source>
        <translation>Ihren Ordner öffnen</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Environments and log files</source>
        <translation>Umgebungen und Protokolldateien</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Trying its packages …</source>
        <translation>Seine Pakete werden ausprobiert …</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>The engine is installed.</source>
        <translation>Die Engine ist installiert.</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>The variable {name} decides.</source>
        <translation>Die Variable {name} entscheidet.</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>Python for the engine</source>
        <translation>Python für die Engine</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>{words}: it will be used when these options are closed with OK.</source>
        <translation>{words}: Es wird verwendet, sobald diese Optionen mit OK geschlossen werden.</translation>
    </message>
    <message>
        <location filename="../ui/settings/engine_group.py"/>
        <source>LandSketch's own engine is not installed yet.</source>
        <translation>Die eigene Engine von LandSketch ist noch nicht installiert.</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Preferences</source>
        <translation>Vorgaben</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Automatic: a GPU where one can be used, else the processor</source>
        <translation>Automatisch: eine GPU, wo eine nutzbar ist, sonst der Prozessor</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Processor (cpu)</source>
        <translation>Prozessor (cpu)</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>NVIDIA GPU (cuda)</source>
        <translation>NVIDIA-GPU (cuda)</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Apple GPU (mps)</source>
        <translation>Apple-GPU (mps)</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>All cores</source>
        <translation>Alle Kerne</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Automatic: the fastest that gives the same map</source>
        <translation>Automatisch: die schnellste, die dieselbe Karte gibt</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>Automatic: as fits the runtime</source>
        <translation>Automatisch: passend zur Laufzeitumgebung</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>32 bits (fp32)</source>
        <translation>32 Bit (fp32)</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>16 bits, wide range (bf16)</source>
        <translation>16 Bit, großer Wertebereich (bf16)</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>16 bits, fine steps (fp16)</source>
        <translation>16 Bit, feine Stufen (fp16)</translation>
    </message>
    <message>
        <location filename="../ui/settings/preferences_group.py"/>
        <source>The algorithms start with these; each run can be given others under Advanced Parameters.</source>
        <translation>Die Algorithmen beginnen damit; jedem Lauf können unter „Fortgeschrittene Parameter“ andere gegeben werden.</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>Look at the images…</source>
        <translation>Bilder ansehen…</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <location filename="../ui/stack_table.py"/>
        <source>Images of the time stack</source>
        <translation>Bilder des Zeitstapels</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>Add images</source>
        <translation>Bilder hinzufügen</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>Double-click a date or a sensor to correct it (or press F2). Images without a tick are dropped: Delete and the space bar do it too. A click on a heading sorts the table; the time stack itself is always in the order of the dates.</source>
        <translation>Ein Doppelklick auf ein Datum oder einen Sensor korrigiert ihn (oder F2). Bilder ohne Häkchen werden verworfen: Entf und Leertaste tun es auch. Ein Klick auf eine Überschrift sortiert die Tabelle; der Zeitstapel selbst ist immer nach Datum geordnet.</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>&amp;Use selected</source>
        <translation>Gewählte &amp;verwenden</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>&amp;Drop selected</source>
        <translation>&amp;Gewählte verwerfen</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>&amp;Add images…</source>
        <translation>&amp;Bilder hinzufügen…</translation>
    </message>
    <message>
        <location filename="../ui/stack_dialog.py"/>
        <source>Looking at the images failed: {error}.</source>
        <translation>Das Ansehen der Bilder ist fehlgeschlagen: {error}.</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>Sensor</source>
        <translation>Sensor</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>Clear (%)</source>
        <translation>Klar (%)</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>Remarks</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>Share of the image that has data and that its mask calls clear; without a mask, that has data.</source>
        <translation>Anteil des Bildes, der Daten hat und den seine Maske klar nennt; ohne Maske der, der Daten hat.</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>radar</source>
        <translation>Radar</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>cloud mask ({kind})</source>
        <translation>Wolkenmaske ({kind})</translation>
    </message>
    <message>
        <location filename="../ui/stack_table.py"/>
        <source>no cloud mask</source>
        <translation>keine Wolkenmaske</translation>
    </message>
    <message>
        <location filename="../ui/toolbar.py"/>
        <source>LandSketch dock</source>
        <translation>LandSketch-Bedienfeld</translation>
    </message>
    <message>
        <location filename="../ui/toolbar.py"/>
        <source>Draw a few labels, and see the map follow them.</source>
        <translation>Wenige Labels zeichnen und sehen, wie die Karte ihnen folgt.</translation>
    </message>
    <message>
        <location filename="../ui/toolbar.py"/>
        <source>Checkpoints…</source>
        <translation>Checkpoints…</translation>
    </message>
    <message>
        <location filename="../ui/toolbar.py"/>
        <source>Shows all checkpoints with their cards; imports, downloads, exports and deletes them.</source>
        <translation>Zeigt alle Checkpoints mit ihren Steckbriefen; importiert, lädt herunter, exportiert und löscht sie.</translation>
    </message>
    <message>
        <location filename="../ui/toolbar.py"/>
        <source>Engine and devices…</source>
        <translation>Engine und Geräte…</translation>
    </message>
    <message>
        <location filename="../ui/toolbar.py"/>
        <source>Shows what LandSketch computes with, and lets you choose.</source>
        <translation>Zeigt, womit LandSketch rechnet, und lässt Sie wählen.</translation>
    </message>
    <message>
        <location filename="../ui/training/details.py"/>
        <source>Held-out score</source>
        <translation>Wert auf zurückgehaltenen Labels</translation>
    </message>
    <message>
        <location filename="../ui/training/details.py"/>
        <source>F1 of the classes</source>
        <translation>F1 der Klassen</translation>
    </message>
    <message>
        <location filename="../ui/training/details.py"/>
        <source>F1 of the classes on held-out labels</source>
        <translation>F1 der Klassen auf zurückgehaltenen Labels</translation>
    </message>
    <message>
        <location filename="../ui/training/details.py"/>
        <source>Examples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <location filename="../ui/training/details.py"/>
        <source>No training yet</source>
        <translation>Noch kein Training</translation>
    </message>
    <message>
        <location filename="../ui/training/details.py"/>
        <source>Runs of 'Fine-tune a classifier', 'Pretrain an encoder' and other trainings appear here as they go on.</source>
        <translation>Läufe von „Klassifikator feinabstimmen“, „Encoder vortrainieren“ und anderen Trainings erscheinen hier, während sie laufen.</translation>
    </message>
    <message>
        <location filename="../ui/training/examples.py"/>
        <source>Examples: image, labels and prediction</source>
        <translation>Beispiele: Bild, Labels und Vorhersage</translation>
    </message>
    <message>
        <location filename="../ui/training/examples.py"/>
        <source>Examples appear with the first epoch of a training.</source>
        <translation>Beispiele erscheinen mit der ersten Epoche eines Trainings.</translation>
    </message>
    <message>
        <location filename="../ui/training/examples.py"/>
        <source>Prediction</source>
        <translation>Vorhersage</translation>
    </message>
    <message>
        <location filename="../ui/training/run_list.py"/>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <location filename="../ui/training/run_list.py"/>
        <source>Started</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <location filename="../ui/training/run_list.py"/>
        <source>Training runs</source>
        <translation>Trainingsläufe</translation>
    </message>
    <message>
        <location filename="../ui/training/run_list.py"/>
        <source>Select several runs to compare them.</source>
        <translation>Mehrere Läufe wählen, um sie zu vergleichen.</translation>
    </message>
    <message>
        <location filename="../ui/training/training.py"/>
        <source>Training runs…</source>
        <translation>Trainingsläufe…</translation>
    </message>
    <message>
        <location filename="../ui/training/training.py"/>
        <source>Watches trainings, ends them, and compares them with those before.</source>
        <translation>Beobachtet Trainings, beendet sie und vergleicht sie mit früheren.</translation>
    </message>
    <message>
        <location filename="../ui/training/training.py"/>
        <source>'{title}' has started.</source>
        <translation>„{title}“ hat begonnen.</translation>
    </message>
    <message>
        <location filename="../ui/training/training.py"/>
        <source>&amp;Watch</source>
        <translation>&amp;Beobachten</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>LandSketch training</source>
        <translation>LandSketch-Training</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>&amp;Stop and keep the best</source>
        <translation>&amp;Beenden und das Beste behalten</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Ends the training after its current batch; the best weights so far are written, with the report.</source>
        <translation>Beendet das Training nach der laufenden Charge; die bisher besten Gewichte und der Bericht werden geschrieben.</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Ends the training at once; nothing is written.</source>
        <translation>Beendet das Training sofort; nichts wird geschrieben.</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Copy c&amp;ommand</source>
        <translation>Befehl &amp;kopieren</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Open &amp;report</source>
        <translation>Beri&amp;cht öffnen</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Opens the page that the run wrote.</source>
        <translation>Öffnet die Seite, die der Lauf geschrieben hat.</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Run &amp;again…</source>
        <translation>&amp;Erneut ausführen…</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Opens the dialog of the algorithm with the same parameters, but for the files it writes.</source>
        <translation>Öffnet den Dialog des Algorithmus mit denselben Parametern, außer den Dateien, die er schreibt.</translation>
    </message>
    <message>
        <location filename="../ui/training/window.py"/>
        <source>Copies a command for qgis_process that does the same.</source>
        <translation>Kopiert einen Befehl für qgis_process, der dasselbe tut.</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Fine-tune</source>
        <translation>Feinabstimmen</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Fine-tune on patches</source>
        <translation>Feinabstimmen auf Bildausschnitten</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Pretrain</source>
        <translation>Vortrainieren</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Label ratio</source>
        <translation>Anteil der Labels</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>running, {share} %</source>
        <translation>läuft, {share} %</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>ended by hand</source>
        <translation>von Hand beendet</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>F1 {value:.3f}</source>
        <translation>F1 {value:.3f}</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>loss {value:.3g}</source>
        <translation>Verlust {value:.3g}</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Being cancelled …</source>
        <translation>Wird abgebrochen …</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Ends after this batch; the best weights are then written …</source>
        <translation>Endet nach dieser Charge; dann werden die besten Gewichte geschrieben …</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Waits for the engine</source>
        <translation>Wartet auf die Engine</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>running for {time}</source>
        <translation>läuft seit {time}</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Interrupted: QGIS or the engine ended first, or another QGIS still runs it.</source>
        <translation>Unterbrochen: QGIS oder die Engine endete vorher, oder ein anderes QGIS führt ihn noch aus.</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Finished after {time}.</source>
        <translation>Fertig nach {time}.</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Ended by hand after {time}; the best weights are kept.</source>
        <translation>Von Hand beendet nach {time}; die besten Gewichte sind behalten.</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Cancelled after {time}; nothing was written.</source>
        <translation>Abgebrochen nach {time}; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Failed after {time}.</source>
        <translation>Fehlgeschlagen nach {time}.</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>Best: {words}</source>
        <translation>Bestwerte: {words}</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>update</source>
        <translation>Aktualisierung</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>training loss</source>
        <translation>Verlust im Training</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>held-out loss</source>
        <translation>Verlust auf zurückgehaltenen Labels</translation>
    </message>
    <message>
        <location filename="../ui/training/words.py"/>
        <source>spread of features</source>
        <translation>Streuung der Merkmale</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>Convolutions, all bands together. Learns fastest from scratch, and takes any encoder of several resolutions.</source>
        <translation>Faltungen, alle Kanäle zusammen. Lernt von Grund auf am schnellsten und nimmt jeden Encoder mit mehreren Auflösungen.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>A U-Net with one encoder for the radar image and one for the optical image.</source>
        <translation>Ein U-Net mit einem Encoder für das Radarbild und einem für das optische Bild.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>A Swin transformer with a decoder like it. From scratch it needs many labels.</source>
        <translation>Ein Swin-Transformer mit einem ebensolchen Decoder. Von Grund auf braucht er viele Labels.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>A Swin-UNet whose encoder was pretrained on your own images by 'Pretrain an encoder', method STMIM.</source>
        <translation>Ein Swin-UNet, dessen Encoder durch „Encoder vortrainieren“, Verfahren STMIM, mit Ihren eigenen Bildern vortrainiert wurde.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>As STMIM-UNet, with one encoder for the radar image and one for the optical image, fused layer by layer.</source>
        <translation>Wie STMIM-UNet, mit einem Encoder für das Radarbild und einem für das optische Bild, Schicht für Schicht fusioniert.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>Two Swin-UNets, one for the radar image and one for the optical image, joined before the last layer; for pairs of encoders by Dual-SimCLR, MMA or GCC-RS.</source>
        <translation>Zwei Swin-UNets, eines für das Radarbild und eines für das optische Bild, vor der letzten Schicht verbunden; für Paare von Encodern aus Dual-SimCLR, MMA oder GCC-RS.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>A U-Net over all dates of a time stack, with attention that learns which of them tell classes apart. From scratch it needs many labels.</source>
        <translation>Ein U-Net über alle Termine eines Zeitstapels, mit Attention, die lernt, welche von ihnen Klassen unterscheiden. Von Grund auf braucht es viele Labels.</translation>
    </message>
    <message>
        <location filename="../core/networks.py"/>
        <source>A U-Net over a fine image, such as an aerial one, and U-TAE over a coarser time stack beside it; the map has the fine image's resolution.</source>
        <translation>Ein U-Net über ein feines Bild, etwa ein Luftbild, und U-TAE über einen gröberen Zeitstapel daneben; die Karte hat die Auflösung des feinen Bildes.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Hides patches and bands, and learns to fill them in. The first choice, with few images and small batches too; its encoder takes optical images, radar images or both, and some of the bands.</source>
        <translation>Verbirgt Bildteile und Kanäle und lernt, sie zu ergänzen. Die erste Wahl, auch bei wenigen Bildern und kleinen Chargen; sein Encoder nimmt optische Bilder, Radarbilder oder beide, und auch nur einen Teil der Kanäle.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Hides small squares and fills them in, and learns what changes little from date to date. Choose it for time series: several images of each place.</source>
        <translation>Verbirgt kleine Quadrate und ergänzt sie und lernt, was sich von Termin zu Termin wenig ändert. Für Zeitreihen zu wählen: mehrere Bilder von jedem Ort.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Learns that two views of a window are the same and other windows are not. For images of any kind, where large batches fit into memory. With the network 'two-branch' it learns from an image, such as an aerial one, and a time stack of the same ground.</source>
        <translation>Lernt, dass zwei Ansichten eines Fensters dasselbe sind und andere Fenster nicht. Für Bilder jeder Art, wo große Chargen in den Speicher passen. Mit dem Netz „two-branch“ lernt es aus einem Bild, etwa einem Luftbild, und einem Zeitstapel desselben Gebiets.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Learns which radar window shows the same place as an optical one. For many pairs of images, and large batches.</source>
        <translation>Lernt, welches Radarfenster denselben Ort zeigt wie ein optisches. Für viele Bildpaare und große Chargen.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>As Dual-SimCLR, but compares windows place by place. For well aligned pairs of images.</source>
        <translation>Wie Dual-SimCLR, vergleicht Fenster aber Stelle für Stelle. Für gut aufeinander ausgerichtete Bildpaare.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Learns that single bands of both images show the same place, without comparing windows with each other. Its encoder takes any bands; small batches will do.</source>
        <translation>Lernt, dass einzelne Kanäle beider Bilder denselben Ort zeigen, ohne Fenster miteinander zu vergleichen. Sein Encoder nimmt beliebige Kanäle; kleine Chargen genügen.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>As BYOL, but simpler: it needs less memory, and may collapse sooner, which the log tells.</source>
        <translation>Wie BYOL, aber einfacher: Es braucht weniger Speicher und kann eher kollabieren; das Protokoll sagt es.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Sorts radar windows into clusters with the help of optical ones. For mapping by 'Cluster an image' where there are no labels at all.</source>
        <translation>Ordnet Radarfenster mit Hilfe optischer zu Clustern. Zum Kartieren mit „Bild clustern“, wo es gar keine Labels gibt.</translation>
    </message>
    <message>
        <location filename="../core/pretraining_methods.py"/>
        <source>Teaches a small, fast encoder the features that a large one computed of the images, such as 'Embed an image' writes. The network 'merged-galileo' may begin with Galileo's own weights.</source>
        <translation>Bringt einem kleinen, schnellen Encoder die Merkmale bei, die ein großer aus den Bildern berechnet hat, wie „Embeddings eines Bildes berechnen“ sie schreibt. Das Netz „merged-galileo“ kann mit Galileos eigenen Gewichten beginnen.</translation>
    </message>
    <message>
        <source>Draw the line on the map: at the right of it, the image is without preview.</source>
        <translation type="vanished">Die Linie auf der Karte ziehen: Rechts von ihr ist das Bild ohne Vorschau.</translation>
    </message>
    <message>
        <source>LandSketch: sample values</source>
        <translation type="vanished">LandSketch: Stichprobe der Werte</translation>
    </message>
    <message>
        <source>LandSketch: read checkpoints</source>
        <translation type="vanished">LandSketch: Checkpoints lesen</translation>
    </message>
    <message>
        <source>LandSketch: counting labels</source>
        <translation type="vanished">LandSketch: Labels zählen</translation>
    </message>
    <message>
        <source>LandSketch: sketch</source>
        <translation type="vanished">LandSketch: Skizze</translation>
    </message>
    <message>
        <source>LandSketch: measure features</source>
        <translation type="vanished">LandSketch: Merkmale messen</translation>
    </message>
    <message>
        <source>LandSketch: clear features</source>
        <translation type="vanished">LandSketch: Merkmale löschen</translation>
    </message>
    <message>
        <source>LandSketch: check devices</source>
        <translation type="vanished">LandSketch: Geräte prüfen</translation>
    </message>
    <message>
        <source>LandSketch: try a Python</source>
        <translation type="vanished">LandSketch: Python ausprobieren</translation>
    </message>
    <message>
        <source>LandSketch: look at images</source>
        <translation type="vanished">LandSketch: Bilder ansehen</translation>
    </message>
    <message>
        <source>LandSketch: read the history of runs</source>
        <translation type="vanished">LandSketch: Verlauf der Läufe lesen</translation>
    </message>
    <message>
        <source>Teaches a small, fast encoder the features that a large one computed of the images, such as 'Embed an image' writes.</source>
        <translation type="vanished">Bringt einem kleinen, schnellen Encoder die Merkmale bei, die ein großer aus den Bildern berechnet hat, wie „Embeddings eines Bildes berechnen“ sie schreibt.</translation>
    </message>
    <message>
        <source>LandSketch: look at values</source>
        <translation type="vanished">LandSketch: Werte ansehen</translation>
    </message>
    <message>
        <source>Opens the dialog of the algorithm with the same parameters.</source>
        <translation type="vanished">Öffnet den Dialog des Algorithmus mit denselben Parametern.</translation>
    </message>
</context>
</TS>
